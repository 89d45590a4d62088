"""The names of the charts, instruments and dialogs that a lesson's task may ask for."""

from __future__ import annotations

from tui_linreg.study.lessons.conditions import Vocabulary
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.instruments.records import PANELS

VOCABULARY = Vocabulary(tuple(CHARTS), tuple(PANELS), tuple(each.id for each in COMMANDS if each.opens_dialog))

"""The names of the charts, instruments and dialogs that a lesson's task may ask for."""

from __future__ import annotations

from tui_linreg.study.lessons.conditions import Vocabulary
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.dialogs.arithmetic import ArithmeticDialog
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.dialogs.derivation import DerivationDialog
from tui_linreg.tui.dialogs.edit import EditDialog
from tui_linreg.tui.dialogs.export import ExportDialog
from tui_linreg.tui.dialogs.goto import GotoDialog
from tui_linreg.tui.dialogs.help import HelpScreen
from tui_linreg.tui.dialogs.until import UntilDialog
from tui_linreg.tui.instruments.records import PANELS

_DIALOGS = (
    CodeDialog, DerivationDialog, EditDialog, GotoDialog, UntilDialog, ArithmeticDialog, ExportDialog, HelpScreen,
)  # fmt: skip
VOCABULARY = Vocabulary(tuple(CHARTS), tuple(PANELS), tuple(dialog.NAME for dialog in _DIALOGS))

"""The features of the main screen, in the order in which the controller calls their hooks.

The order matters in three places: a hunt takes note of a new run before a learner's file and a lesson do; a lesson is
the first to hear of a run that is refused, then a learner's file, then the form; what a lesson hides is predicted
first.
"""

from __future__ import annotations

from tui_linreg.tui.feature import Feature
from tui_linreg.tui.features.chart_cursor import ChartCursor
from tui_linreg.tui.features.editing.feature import Editing
from tui_linreg.tui.features.files import Files
from tui_linreg.tui.features.hand import ByHand
from tui_linreg.tui.features.hunt.feature import Hunting
from tui_linreg.tui.features.lessons.feature import Lessons
from tui_linreg.tui.features.looking import Looking
from tui_linreg.tui.features.predict.feature import Predict
from tui_linreg.tui.features.rates import LearningRates
from tui_linreg.tui.features.reading.feature import Reading
from tui_linreg.tui.features.stepping.feature import Stepping
from tui_linreg.tui.features.student.feature import StudentsFile
from tui_linreg.tui.features.welcome import Welcome

FEATURES: tuple[type[Feature], ...] = (
    Stepping, Looking, ChartCursor, ByHand, LearningRates, Editing, Files, Reading, Predict, Hunting, StudentsFile,
    Lessons, Welcome,
)  # fmt: skip

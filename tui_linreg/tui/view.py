"""`View`: everything that the panes of the main screen show, one immutable value for each frame; and its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_linreg.engine.analysis.kept_runs import KeptRunAt
from tui_linreg.engine.errors import InputError, printable
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.rates import Stretch
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Step
from tui_linreg.study.student.code import StudentError
from tui_linreg.tui.background import Busy
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.look import ShownCharts, SurfaceLook
from tui_linreg.tui.mode import ModeLine
from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.styles import Styles, cut

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments, Item
    from tui_linreg.engine.training.history import History
    from tui_linreg.engine.training.session import Session
    from tui_linreg.tui.plot.ranges import Floats


@dataclass(frozen=True, slots=True, eq=False)
class RunFacts:
    """What does not change during a run. Text from outside is already made printable."""

    name: str
    x_name: str
    y_name: str
    n_train: int
    n_valid: int
    device: str
    dtype: str
    seed: int
    schedule: Schedule
    drawn: tuple[Floats, Floats]
    """x and y of the train samples that charts draw: of very many only some."""
    x_ends: tuple[float, float]
    """The least and the largest x of the train set."""
    y_ends: tuple[float, float]
    true_line: tuple[float, float] | None
    notices: tuple[str, ...]
    warning: str | None
    """What is wrong with the learning rate, as long as it is."""
    scaled: bool
    author: str | None = None
    """Whose model runs in the hand-written one's place; None: the program's own."""
    given: frozenset[str] = frozenset()
    """Quantities that are the program's own although there is an author."""

    @property
    def single(self) -> bool:
        """Whether numbers are float32."""
        return self.dtype == "float32"

    @classmethod
    def of(cls, session: Session) -> RunFacts:
        """Return the facts of a session."""
        from tui_linreg.engine.analysis.instruments import Instruments  # torch
        from tui_linreg.engine.device import one_thread_at_a_time
        from tui_linreg.tui.plot.ranges import drawn_rows  # numpy

        data = session.dataset
        with one_thread_at_a_time(session.device):
            x, y = data.x_train.cpu().numpy(), data.y_train.cpu().numpy()
        rows = drawn_rows(x, y)
        true = None
        if data.true_bias is not None and data.true_coefficient is not None and data.scaling is None:
            true = (data.true_bias, data.true_coefficient)
        return cls(
            name=printable(Path(data.name).name),
            x_name=printable(data.x_name, 24),
            y_name=printable(data.y_name, 24),
            n_train=data.n_train,
            n_valid=data.n_valid,
            device=str(session.device),
            dtype=session.config.dtype,
            seed=session.config.seed,
            schedule=session.schedule,
            drawn=(x, y) if rows is None else (x[rows], y[rows]),
            x_ends=(float(x.min()), float(x.max())),
            y_ends=(float(y.min()), float(y.max())),
            true_line=true,
            notices=session.notices,
            warning=Instruments(session).warning,
            scaled=data.scaling is not None,
            author=session.author,
            given=session.given,
        )


class ChartPoint(NamedTuple):
    """The point of a chart at which its cursor stands."""

    chart: int
    """The chart's number."""
    x: float
    y: float
    sample: int | None = None
    """The row of the mini-batch (from 0) that it is, if it is one."""


class LessonPage(NamedTuple):
    """A page of a lesson's text, or a task in full."""

    title: str
    text: str
    place: str
    """Which of them it is: "page 1 of 2", "task 2 of 4"."""
    extra: tuple[tuple[str, str], ...] = ()
    """(role, text) of lines below the text: options, hints, what was said of the answer."""
    picture: bool = False
    """Whether a chart that it brought up belongs beside it."""


@dataclass(frozen=True, slots=True)
class LessonView:
    """What both panes of a lesson show: where a learner stands in it. All texts are plain; equal ones look the same."""

    number: int
    count: int
    title: str
    place: str
    """"page 1 of 2", "task 2 of 4" or "finished"."""
    done: tuple[bool, ...]
    """Of each task whether it is finished."""
    at: int | None
    """Index of the task at hand."""
    text: str
    """What is to be done."""
    told: tuple[str, str] | None
    """(role, text): the last hint, or what became of the task."""
    keys: tuple[tuple[str, str], ...]
    """(binding id, what it does here), the most important first."""
    page: LessonPage | None = None
    """What stands beside the run; None: only the strip is there."""
    away: bool = False
    """Whether another run than the task's own is on the screen."""


class ErrorLine(NamedTuple):
    """What is wrong with a learner's file: shown in the line at the bottom as long as it holds."""

    error: InputError
    before: str = ""
    """What stands before the error's own words."""
    after: str = ""
    """What follows from it."""

    @classmethod
    def of_step(cls, session: Session) -> ErrorLine | None:
        """Return what stopped a session from training, None where nothing did."""
        return None if session.failure is None else cls(session.failure, f"step {session.trained + 1}: ")

    def fitted(self, width: int) -> str:
        """Return as much of it as fits: without what follows, then without the code, at last cut."""
        error = self.error
        text = printable(error, 400)
        texts = [f"{text}; {self.after}"] if self.after else []
        texts.append(text)
        if isinstance(error, StudentError):
            short = f"{error.where}: {error.what}"
            texts += [f"{short}; {self.after}", short] if self.after else [short]
        longest = next((each for each in texts if cell_len(self.before + each) <= width), texts[-1])
        return cut(self.before + longest, width)


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One frame: the run, the step and phase at the cursor, and how to draw them."""

    run: RunFacts
    step: Step
    phase: Phase
    history: History
    trained: int
    instruments: Instruments
    styles: Styles
    marker: MarkerSet = "braille"
    charts: ShownCharts = field(default_factory=ShownCharts)
    log_y: bool | None = None
    """Whether charts that may have a logarithmic y axis have it; None: each chooses by what it draws."""
    full: bool = False
    """Whether numbers have all digits; else six, and all in the row of the phase at the cursor."""
    surface: SurfaceLook = field(default_factory=SurfaceLook)
    sample: int | None = None
    """The sample whose graph is drawn, by its place in the batch, from 0; None: the whole batch."""
    panel: str | None = None
    """The instrument in the samples' place (`tui_linreg.tui.instruments.records`)."""
    kept_runs: tuple[KeptRunAt, ...] = ()
    """The runs kept beside this one, at the cursor's step."""
    may_go_on: bool = False
    """Whether the cursor stands in the last step of a run that may get more epochs."""
    playing: bool = False
    speed: float = 2.0
    busy: Busy | None = None
    hidden: Hidden = NOTHING
    lesson: LessonView | None = None
    """The lesson that is on, and where in it."""
    message: str = ""
    """What the last key did or why it could not; empty when there is nothing to say."""
    error_line: ErrorLine | None = None
    """What is wrong with a learner's file."""
    mode: ModeLine | None = None
    """What the mode that is on says, and its keys."""
    chart_point: ChartPoint | None = None
    """Where the cursor of a chart stands, while it is on."""
    original: tuple[float, float] | None = None
    """(b, w) after the step in the original units, of standardised data."""
    overflow: int | None = None
    """The step (from 0) where the run first left the finite numbers, once the cursor has reached it."""

    @property
    def live(self) -> bool:
        """Whether the cursor stands at the newest step."""
        return self.step.place.step == self.trained - 1

    @property
    def stretch(self) -> Stretch:
        """The learning rate of the step at the cursor, and which steps have it."""
        return self.instruments.session.config.rates.stretch(self.step.place.step)

    def without_mode_keys(self, other: Callable[[str], bool]) -> View:
        """Return the frame without the keys of its mode that do something other than the mode says."""
        if self.mode is None or not any(other(key.commands) for key in self.mode.keys):
            return self
        keys = tuple(key for key in self.mode.keys if not other(key.commands))
        return replace(self, mode=self.mode._replace(keys=keys))

    def waits_for(self, needs: tuple[Item, ...]) -> bool:
        """Say whether one of these is yet to be worked out and takes longer than a frame."""
        return any(self.instruments.missing(item, self.step) for item in needs)

    def hides(self, *names: str) -> bool:
        """Say whether one of these numbers is blanked (`Hidden.blanks`)."""
        return self.hidden.hides(*names)

    def reached(self, phase: Phase) -> bool:
        """Say whether `phase` of this step has been computed at the cursor."""
        return self.phase >= phase

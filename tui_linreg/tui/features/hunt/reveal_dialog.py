"""Find the mistake: everything about what was planted, when the round is over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import info
from tui_linreg.explain import explain
from tui_linreg.study.hunt_text import Reveal
from tui_linreg.tui.background import Background
from tui_linreg.tui.dialogs.base import READING_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.texts import coloured
from tui_linreg.tui.features.hunt import round as hunt_jobs
from tui_linreg.tui.features.hunt.round import Compared, Round
from tui_linreg.tui.messages import Broken

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session

Next = Literal["go", "code", "again", "leave"]
"""To the step where it shows; to its code; another round; back to the learner's own run."""
_ON = (("n", "another", "screen.close('again')"), ("l", "own run", "screen.close('leave')"),
       ("esc", "stay", "screen.cancel"))  # fmt: skip


class RevealPage(Vertical):
    """Title, explanation, both formulas, where it shows, and whether the loss would have told."""

    def __init__(self, round: Round, session: Session, found: str) -> None:
        super().__init__(id="page")
        self._round = round
        self._schedule = session.schedule
        self._found = found
        self.compared = ""
        """What this run's own losses say, as far as it is known."""

    def compose(self) -> ComposeResult:
        outcome = self._round.outcome
        assert outcome is not None
        assert outcome.reveal is not None
        told = outcome.reveal
        yield Static(self._verdict(told, outcome.right), classes="part")
        yield Static(told.explanation, classes="part", markup=False)
        if told.name is not None:
            with Horizontal(classes="formulas"):
                yield Static(self._formula("✓ right", "$success", told.correct), classes="formula")
                yield Static(self._formula("✗ here", "$error", told.wrong), classes="formula")
            yield Static(self._where(told), classes="part", markup=False)
        yield Static(self._loss(told), id="loss", classes="part")
        if self._found:
            yield Static(Content.styled(self._found, "$foreground-muted"))

    def say_compared(self, said: str) -> None:
        """Add what this run's losses say."""
        self.compared = said
        assert self._round.outcome is not None
        assert self._round.outcome.reveal is not None
        self.query_one("#loss", Static).update(self._loss(self._round.outcome.reveal))

    def _formula(self, head: str, colour: str, formula: str) -> Content:
        return Content.assemble((f"{head}\n", f"bold {colour}"), coloured(formula, self.app))

    def _verdict(self, told: Reveal, right: bool) -> Content:
        what = told.title if told.name is None else f"{told.title} ({told.name})"
        if not right:
            return Content.styled(f"Given up. It was: {what}", "bold $warning")
        if self._round.cannot_tell:
            return Content.styled(f"✓ Right, the curve cannot tell. It was: {what}", "bold $success")
        return Content.styled(f"✓ Right: {what}", "bold $success")

    def _where(self, told: Reveal) -> str:
        if told.first_step is None or told.phase is None:
            return told.first_difference
        place = self._schedule.place(told.first_step)
        return (
            f"First seen in epoch {place.epoch + 1}, batch {place.batch + 1}, phase {told.phase:d} "
            f"({info(told.phase).name}): g goes there, c shows the code that ran."
        )

    def _loss(self, told: Reveal) -> Content:
        measured = told.loss_gives_it_away
        if told.name is not None:
            measured += " (Measured on the default run.)"
        parts = [Content.styled("Would the loss have told?", "bold"), Content(measured)]
        if self.compared:
            parts.append(Content(f"Here: {self.compared[0].lower()}{self.compared[1:]}"))
        return Content("\n").join(parts)


class HuntRevealDialog(Dialog[Next | None]):
    """Tell what was planted; None to stay with the run.

    Args:
        round: which is over.
        session: its run.
        found: a line about all that was found so far; may be empty.
        background: where the losses are compared; nothing else may work there meanwhile.
    """

    HEADING = "Find the mistake"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("g", "go there", "screen.close('go')"),
        ("c", "code", "screen.close('code')"),
        *_ON,
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (28, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS,
        Binding("g", "close('go')", "go there", show=False, tooltip="To the step where it first shows"),
        Binding("c", "close('code')", "code", show=False, tooltip="The code that ran"),
        Binding("n", "close('again')", "another hunt", show=False, tooltip="Another hunt"),
        Binding("l", "close('leave')", "leave", show=False, tooltip="Back to your own run"),
        Binding("enter,f", "cancel", "stay", show=False, tooltip="Stay with this run and look"),
    ]

    def __init__(self, round: Round, session: Session, found: str, background: Background) -> None:
        super().__init__()
        self._page = RevealPage(round, session, found)
        self._session = session
        self._run = round.mistaken_run()
        self._work = background
        self._working = False

    def contents(self) -> Iterable[Widget]:
        yield self._page

    def on_mount(self) -> None:
        """Compare the losses: those trained, or in the background all of them where the run is short."""
        if self._run is None:
            return
        schedule = self._session.schedule
        if self._session.trained == schedule.steps or not hunt_jobs.is_quickly_trained(schedule):
            self._page.say_compared(hunt_jobs.said_of(self._session))
        else:
            self._page.say_compared("…")
            self._working = True
            self._work.start(hunt_jobs.compare(self._run, self.post_message))

    def on_compared(self, message: Compared) -> None:
        """Say what the losses say."""
        message.stop()
        self._working = False
        self._page.say_compared(message.said)

    def on_broken(self, message: Broken) -> None:
        """Say why they cannot be compared."""
        message.stop()
        self._working = False
        self._page.say_compared(explain(message.error)[1])

    def _let_go(self) -> None:
        """Stop comparing, before others use the background."""
        if self._working:
            self._working = False
            self._work.cancel()

    def on_unmount(self) -> None:
        self._let_go()

    def action_cancel(self) -> None:
        self._let_go()
        super().action_cancel()

    def action_close(self, chosen: Next) -> None:
        """Close and go on with something else; of nothing there is no place and no code."""
        if self._run is not None or chosen in ("again", "leave"):
            self._let_go()
            self.dismiss(chosen)


class NothingRevealedDialog(HuntRevealDialog):
    """Tell that nothing was planted."""

    HINTS: ClassVar[tuple[Hint, ...]] = _ON

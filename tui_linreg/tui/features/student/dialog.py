"""How a learner's file stands over the run: each part, why it is wrong, and what it printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.errors import printable
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Verdict
from tui_linreg.explain import PROGRAM
from tui_linreg.study.student import words
from tui_linreg.study.student.output import PrintedLine
from tui_linreg.study.student.reasons import GIVEN, NOT_WRITTEN
from tui_linreg.tui.dialogs.base import READING_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.texts import Definition, DefinitionList

if TYPE_CHECKING:
    from tui_linreg.study.student.judged import Fault, RunJudgement

_TERM_WIDTH = 20
_MOST_PRINTED = 1000
_HOW_WIDTH = 38
_HOW = (
    (f"{PROGRAM} student --new mine.py", "writes a file with a part for each formula, all of them empty"),
    (f"{PROGRAM} --student mine.py", "runs it in the place of the hand-written model, beside torch"),
    (f"{PROGRAM} student --check mine.py", "judges it without a screen"),
)


class StudentDialog(Dialog[None]):
    """Say how a learner's file stands.

    Args:
        name: of the file, safe to show; None: there is none.
        judgement: over the run on the screen; None: that is the built-in model's.
        printed: what the file printed.
        step: the step at the cursor, from 0: what it printed is marked.
        error: why the file cannot be used; empty where it can.
    """

    NAME = "student"
    HEADING = "Your own file"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("↑ ↓", "scroll", "screen.scroll('page_down')"),
        ("esc", "close", "screen.cancel"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS, Binding("W", "cancel", "close", show=False, tooltip="Close"),
    ]  # fmt: skip

    def __init__(
        self,
        name: str | None,
        judgement: RunJudgement | None,
        printed: Sequence[PrintedLine],
        step: int = -1,
        error: str = "",
    ) -> None:
        super().__init__()
        self._page = _Page(name, judgement, printed, step, error)

    def contents(self) -> Iterable[Widget]:
        yield self._page

    def redraw(self) -> None:
        self.entitle(f"{self.HEADING} · {self._page.file}" if self._page.file else self.HEADING)


class _Page(Vertical):
    def __init__(
        self, name: str | None, judgement: RunJudgement | None, printed: Sequence[PrintedLine], step: int, error: str
    ) -> None:
        super().__init__(id="page")
        self.file = name
        self._error = error
        self._judgement, self._printed, self._step = judgement, printed, step

    def compose(self) -> ComposeResult:
        judgement = self._judgement
        if self._error:
            yield Static(Content.styled(f"✗ {self._error}", "$text-error"))
            return
        if judgement is None:
            waits = (
                f"This run is the built-in model's, not {self.file}."
                if self.file
                else "In a browser no file of your own runs; in a terminal:"
            )
            yield Static(waits, classes="section", markup=False)
            if not self.file:
                yield DefinitionList([Definition(Content(term), Content(text)) for term, text in _HOW], _HOW_WIDTH)
                yield Static(
                    "A file runs in a process of its own. That is no sandbox: run what you trust.", markup=False
                )
            return
        yield Static(
            f"Over {words.steps_text(judgement)}, as the file was saved when this was opened",
            classes="section",
            markup=False,
        )
        yield DefinitionList(_parts(judgement), _TERM_WIDTH)
        yield Static("Printed", classes="section", markup=False)
        if not self._printed:
            yield Static("nothing; print(…) in your file shows here, with the step it came from", markup=False)
        yield DefinitionList(self._lines(), _TERM_WIDTH)

    def _lines(self) -> Iterator[Definition]:
        shown = words.printed_lines(self._printed, _MOST_PRINTED)
        for at, (where, text) in enumerate(shown):
            here = at < len(self._printed) and self._printed[at].step == self._step
            term = Content.styled(where, "bold $primary" if here else "$foreground-muted")
            yield Definition(term, Content(text or " "))


def _parts(judgement: RunJudgement) -> Iterator[Definition]:
    """Yield what is said of each quantity, then of `fit`."""
    faults = {fault.key: fault for fault in judgement.faults}
    for quantity in QUANTITIES:
        yield Definition(
            Content.styled(quantity.symbol, "bold"), _of_quantity(judgement, quantity.key, faults.get(quantity.key))
        )
    fit = judgement.fit
    if fit is not None:
        text, style = f"✓ its {fit.lines} lines are those of torch", "$text-success"
        if not fit.right:
            text, style = (f"✗ {fit.what}", "$text-error") if fit.wrong else (f"· {fit.what}", "$foreground-muted")
        yield Definition(Content.styled("fit", "bold"), Content.styled(text, style))
    if judgement.failure is not None:
        text = f"✗ step {judgement.steps + 1}: {printable(judgement.failure, 400)}"
        yield Definition(Content.styled("stopped", "bold"), Content.styled(text, "$text-error"))


def _of_quantity(judgement: RunJudgement, key: str, fault: Fault | None) -> Content:
    if key in judgement.absent or key in judgement.given:
        why = printable(judgement.absent.get(key, GIVEN))
        return Content.styled(f"· {why}", "$text-warning" if why == NOT_WRITTEN else "$foreground-muted")
    if fault is not None:
        hint = words.hints(fault)
        return Content.styled(f"✗ {words.fault_text(fault)}{f'. {hint}' if hint else ''}", "$text-error")
    counts, first = judgement.counts[key], judgement.first.get(key)
    told = "  ".join(f"{counts[verdict]} {verdict.sign}" for verdict in Verdict if counts.get(verdict))
    if first is not None:
        text = f"✓ right by itself; its inputs differ from step {first + 1} on"
        return Content.styled(text, "$text-success")
    return Content.styled(f"✓ {told}" if told else "· no step was judged", "$text-success" if told else "")

"""Why do the bits differ? Switches for what rounds, and how many steps are identical with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar, NamedTuple

import torch
from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.analysis.identity import FirstBits, Identity
from tui_linreg.engine.config import DTYPES, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.arithmetic import FORMS, Arithmetic
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.schedule import Schedule
from tui_linreg.explain import explain
from tui_linreg.number_text import thousands
from tui_linreg.tui import jobs
from tui_linreg.tui.background import Background
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row
from tui_linreg.tui.features.editing.form import in_form
from tui_linreg.tui.messages import Broken, Counted, Progressed, Refused

MOST_STEPS = 2000
_MOST_WORK = 40_000_000
"""Samples in all steps that are counted: of larger batches fewer."""
_MOST_TRAIN = 2_000_000
_WIDE = 80
"""From so many columns on the formulas stand in the switches."""
_COLUMN = 6
_WHY = "On the CPU each formula rounds in two ways. torch's kernels round as on the right."
_GATE = threading.Lock()
"""Held by a thread while torch's number of threads is not the usual one."""


class Question(NamedTuple):
    """What is counted."""

    config: RunConfig
    threads: int


class ArithmeticDialog(Dialog[RunConfig | None]):
    """Ask for the arithmetic of a new run; None when cancelled.

    What the switches do is counted in the background on sessions of their own, never on the run itself.

    Args:
        config: the present run.
        schedule: its mini-batches.
        background: where to count; nothing else may work there, nor begin to use torch in a thread, meanwhile.
    """

    NAME = "arithmetic"
    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Why do the bits differ?"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "run so", "screen.apply"),
        ("esc", "close", "screen.cancel"),
        ("↑ ↓", "switch", "app.focus_next"),
        ("← →", "choice", ""),
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, config: RunConfig, schedule: Schedule, background: Background) -> None:
        super().__init__()
        self._config = config
        self._total = schedule.steps
        self._counts = schedule.n_train <= _MOST_TRAIN
        self._n_train = schedule.n_train
        self.steps = min(schedule.steps, MOST_STEPS, max(16, _MOST_WORK // schedule.batch_size))
        """How many steps are counted."""
        self.as_is = Question(config, torch.get_num_threads())
        self.found: dict[Question, Identity] = {}
        """What is counted so far."""
        self._work = background
        self._counting: Question | None = None
        self._done = 0
        self._trouble = ""

    def contents(self) -> Iterable[Widget]:
        yield Static(_WHY, classes="why", markup=False)
        wide = self.app.size.width >= _WIDE
        switches = Arithmetic.parse(self._config.arithmetic).switches
        for form, kernel in zip(FORMS, switches, strict=True):
            labels = ("notebook", "kernel")
            if wide:
                labels = (f"{'notebook':<10}{form.notebook:<17}", f"{'kernel':<8}{form.kernel}")
            options = tuple(zip(("notebook", "kernel"), labels, strict=True))
            yield Row(form.name, form.symbol, Choice(options, options[kernel][0]))
        pad = "notebook".ljust(27 if wide else 8)
        dtypes = [(dtype, dtype.ljust(len(pad))) for dtype in DTYPES]
        yield Row("dtype", "dtype", Choice([dtypes[0], (dtypes[1][0], dtypes[1][0])], self._config.dtype))
        counts = thread_counts(self.as_is.threads)
        yield Row("threads", "threads", Choice([(str(n), str(n)) for n in counts], str(self.as_is.threads)))

    def fixed(self) -> Iterable[Widget]:
        yield Static("", id="counts", markup=False)
        yield Static("", id="outcome", markup=False)
        yield Static("! enter starts a new run; threads are only tried here", id="new-run", markup=False)

    def on_mount(self) -> None:
        self._go_on()

    def on_unmount(self) -> None:
        if self._counting is not None:
            self._work.cancel()

    # ── counting ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def as_set(self) -> Question | None:
        """What the switches stand for; None when no run can be so."""
        rows = {row.field: row.text for row in self.query(Row)}
        arithmetic = Arithmetic(*(rows[form.name] == "kernel" for form in FORMS))
        try:
            config = replace(self._config, arithmetic=str(arithmetic), dtype=rows["dtype"])
        except InputError as error:
            self._trouble = in_form(error)
            return None
        return Question(config, int(rows["threads"]))

    @on(Choice.Changed)
    def switched(self) -> None:
        """Count anew with other switches."""
        self._trouble = ""
        self._go_on()

    def _go_on(self) -> None:
        """Count what is not counted yet, first the run as it is; stop counting what is not asked for any more."""
        wanted = [question for question in (self.as_is, self.as_set) if question is not None]
        missing = [question for question in wanted if question not in self.found] if self._counts else []
        if self._counting not in missing:
            self._work.cancel()
            self._counting, self._done = None, 0
            if missing and not self._trouble:
                self._counting = missing[0]
                config, threads = self._counting
                job = jobs.count_bits(config, threads, self.steps, _GATE, self._counting, self.post_message)
                self._work.start(job)
        self.redraw()

    def on_progressed(self, message: Progressed) -> None:
        """Show how far the counting is."""
        message.stop()
        self._done = message.done
        self.redraw()

    def on_counted(self, message: Counted) -> None:
        """Show what was counted, and count what else is asked for."""
        message.stop()
        assert isinstance(message.question, Question)
        self.found[message.question] = message.identity
        self._go_on()

    def on_refused(self, message: Refused) -> None:
        """Say why it cannot be counted."""
        message.stop()
        self._stumble(str(message.error))

    def on_broken(self, message: Broken) -> None:
        """Say what the counting stumbled over."""
        message.stop()
        self._stumble(explain(message.error)[1])

    def _stumble(self, line: str) -> None:
        self._trouble, self._counting = line, None
        self.redraw()

    def _let_go(self) -> None:
        """Stop counting; return when torch's number of threads is the usual one again."""
        self._work.cancel()
        self._counting = None
        if _GATE.acquire(timeout=2.0):
            _GATE.release()

    def action_cancel(self) -> None:
        self._let_go()
        super().action_cancel()

    def action_apply(self) -> None:
        """Return the run that the switches stand for, unless there is none."""
        question = self.as_set
        if question is None:
            self.redraw()
            return
        self._let_go()
        self.dismiss(question.config)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    def redraw(self) -> None:
        self.query_one("#counts", Static).update(self._table())
        self.query_one("#outcome", Static).update(self._outcome())

    def _table(self) -> Content:
        """Return the counts by quantity, as the run is and as the switches are."""
        label = 20 if self.size.width >= _WIDE else 8
        names = [quantity.symbol for quantity in QUANTITIES] + ["all"]
        some = f"the first {thousands(self.steps)} of {thousands(self._total)}"
        head = f"Identical among {some if self.steps < self._total else f'all {self.steps}'} steps, by quantity"
        rows = [Content.styled(head, "bold"), Content.styled(" " * label + _cells(names), "$foreground-muted")]
        long, short = ("as this run is", "as the switches say"), ("as it is", "as set")
        for text, question in zip(long if label > 8 else short, (self.as_is, self.as_set), strict=True):
            rows.append(Content(text.ljust(label)) + self._counted(question))
        return Content("\n").join(rows)

    def _counted(self, question: Question | None) -> Content:
        found = None if question is None else self.found.get(question)
        if found is None:
            return Content.styled(_cells(["·"] * (len(QUANTITIES) + 1)), "$foreground-muted")
        counts = [*(found.same[quantity.key] for quantity in QUANTITIES), found.whole]
        cells = [Content.styled(_cells([str(n)]), "bold" if n == found.steps else "") for n in counts]
        return Content("").join(cells)

    def _outcome(self) -> Content:
        """Return two lines: how far the counting is, or what came out."""
        question = self.as_set
        if self._trouble:
            return Content.styled(f"✗ {self._trouble}", "$error")
        if not self._counts:
            many = thousands(self._n_train)
            return Content(f"Not counted: {many} train samples would have to be loaded again; enter runs them.")
        found = None if question is None else self.found.get(question)
        if found is None or question is None:
            what = "as this run is" if self._counting == self.as_is else "as set"
            filled = 20 * self._done // max(self.steps, 1)
            bar = "█" * filled + "·" * (20 - filled)
            return Content(f"counting {what} …\n{bar} {thousands(self._done)} of {thousands(self.steps)}")
        return outcome(found, question.config)


def outcome(found: Identity, config: RunConfig) -> Content:
    """Return in two lines what a count says of the arithmetic that was tried."""
    kernel = all(Arithmetic.parse(config.arithmetic).switches)
    if found.first is None:
        why = "\nRounding was all the difference there was." if kernel else ""
        return Content.styled(f"= identical to the last bit in all {thousands(found.steps)} steps{why}", "$success")
    first = found.first
    head = "not on this build: first at" if kernel and config.mistake is None else "first difference:"
    return Content(f"≠ {head} {_where(first)}\nby hand {first.bits[0].hex} · torch {first.bits[1].hex}")


def _where(first: FirstBits) -> str:
    symbol = next(quantity.symbol for quantity in QUANTITIES if quantity.key == first.key)
    row = "" if first.row is None else f", row {first.row + 1}"
    return f"step {thousands(first.step + 1)}, {symbol}{row}"


def _cells(texts: Iterable[str]) -> str:
    return "".join(text.rjust(_COLUMN) for text in texts)


def thread_counts(now: int) -> list[int]:
    """Return the numbers of threads to choose from: powers of two up to the CPU's, that one, and the present one."""
    most = os.cpu_count() or 4
    powers = [1 << k for k in range(most.bit_length()) if 1 << k <= most]
    return sorted({*powers[:3], *powers[-1:], most, now})

"""Predict: the next phase's number is asked for before it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import PHASES, info
from tui_linreg.number_text import exact
from tui_linreg.relations import relation
from tui_linreg.study.predict.answer import Result
from tui_linreg.study.predict.formula import FormulaError, evaluate
from tui_linreg.study.predict.questions import Question, given_lines
from tui_linreg.tui.dialogs.base import HINT, Hint, JudgingDialog, KeyHint
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.dialogs.texts import coloured

_WIDTH = 84
_TALL = 20
"""From so many rows on blank lines separate the parts of the page."""
_FRAME = 5
"""Columns that the border, its padding and the page's padding take."""
_COLOURS = {
    Result.RIGHT: "$success",
    Result.TOO_FEW_DIGITS: "$warning",
    Result.CLOSE: "$warning",
    Result.KNOWN_ERROR: "$warning",
    Result.WRONG: "$error",
}


@dataclass(frozen=True, slots=True)
class Predicted:
    """How a phase's questions were answered, one item for each of them."""

    right: tuple[bool | None, ...]
    """Whether the first answer was right; None where nothing was judged (demo mode), or the first one was before.

    An answer with too few digits is no answer yet, and neither is one that cannot be read.
    """
    solved: tuple[bool, ...]
    """Whether it was answered rightly, at whichever try."""
    done: tuple[bool, ...]
    """Whether it was answered or revealed."""


@dataclass(slots=True)
class _Asked:
    """One question and how it stands."""

    question: Question
    before: bool | None = None
    """Of the first answer in an earlier dialog; None: there was none."""
    hints: int = 0
    """How many of them are shown."""
    right: bool | None = None
    """Of the first answer, here or before; None before it."""
    solved: bool = False
    done: bool = False
    """Whether it was answered or revealed."""

    def __post_init__(self) -> None:
        self.right = self.before

    @property
    def counted(self) -> bool | None:
        """What counts of this dialog."""
        return self.right if self.before is None else None

    def judged(self, result: Result) -> None:
        """Take note of an answer's result."""
        if result is Result.TOO_FEW_DIGITS:
            return
        if self.right is None:
            self.right = result is Result.RIGHT
        self.done = self.solved = result is Result.RIGHT


class PredictDialog(JudgingDialog[Predicted]):
    """Ask the questions of a phase, one after the other; what was answered counts however the dialog is left.

    Args:
        questions: at least one.
        streak: right predictions since the last wrong one, before these questions.
        best: the longest streak so far.
        first: of each question whether its first answer in an earlier dialog was right, None where there was none.
    """

    HEADING = "Predict"
    JUDGING = "… looking for known mistakes"
    # No letter: in a field letters are text.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+r", "reveal", "reveal", show=False, priority=True, tooltip="Show the worked solution"),
        Binding("ctrl+g", "demo", "demo", show=False, priority=True, tooltip="The audience guesses, nothing counts"),
    ]
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "check", "screen.apply"),
        HINT,
        ("^r", "reveal", "screen.reveal"),
        ("^g", "demo", "screen.demo"),
        ("esc", "close", "screen.cancel"),
    )

    def __init__(
        self, questions: Sequence[Question], streak: int = 0, best: int = 0, first: Sequence[bool | None] = ()
    ) -> None:
        super().__init__()
        self._asked = [
            _Asked(one, before) for one, before in zip(questions, first or [None] * len(questions), strict=True)
        ]
        self._at = 0
        self._before = (streak, best)
        self._demo = False
        self._leaving = False
        """Whether it is to be closed as soon as the answer is judged that counts."""

    # ── widgets ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def field(self) -> Iterable[Widget]:
        yield Static(id="symbol", markup=False)
        yield TextField()
        yield Static(id="value", markup=False)

    def on_mount(self) -> None:
        self._invite()

    @property
    def _now(self) -> _Asked:
        return self._asked[self._at]

    @property
    def _field(self) -> TextField:
        return self.query_one(TextField)

    # ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def action_apply(self) -> None:
        """Judge what is typed; when that is done go on, after the last question with the answer."""
        if self._now.done:
            self._go_on()
        elif not self._demo and not self.judging:
            self.judging = True
            self.run_worker(self._judge_answer(self._now, self._field.value))

    def say_judging(self) -> None:
        if not self._now.done:
            super().say_judging()

    async def _judge_answer(self, asked: _Asked, text: str) -> None:
        """Judge in a thread: to search a mini-batch of millions for known mistakes takes seconds."""
        result = None
        try:
            judgement = await self.judge(lambda: asked.question.judge(text))
        except FormulaError as error:
            sentence, style = f"✗ {error}", "bold $error"
            if not asked.done and error.position is not None:
                self._field.cursor_position = error.position - 1
        else:
            result = judgement.result
            why = f" {asked.question.why}" if result is Result.RIGHT else ""
            sentence, style = f"{result.sign} {judgement.text}{why}", f"bold {_COLOURS[result]}"
        if asked.done or self._demo:  # keys came meanwhile
            result = None
        if result is not None:
            asked.judged(result)
        if self._leaving:
            self._close()
        elif not self._demo and (result is not None or not asked.done):
            self.say(sentence, style)
            if asked.done:
                self.to_end()

    def _go_on(self) -> None:
        if self._at + 1 == len(self._asked):
            self._close()
            return
        self._at += 1
        self._field.value = ""
        self._invite()
        self.body.scroll_home(animate=False)

    def _close(self) -> None:
        asked = self._asked
        self.dismiss(
            Predicted(
                tuple(one.counted for one in asked),
                tuple(one.solved for one in asked),
                tuple(one.done for one in asked),
            )
        )

    def action_cancel(self) -> None:
        """Close; an answer that is being judged counts, so it is waited for."""
        if self.judging:
            self._leaving = True
        else:
            self._close()

    def action_hint(self) -> None:
        """Show one hint more."""
        if not self._now.done and self._now.hints < len(self._now.question.hints):
            self._now.hints += 1
            self.redraw()
            self.to_end()

    def action_reveal(self) -> None:
        """Show the worked solution; that counts as not right, save in demo mode."""
        asked = self._now
        if asked.done:
            return
        asked.done = True
        sentence = f"→ Revealed: {asked.question.symbol} {asked.question.result}."
        if not self._demo:
            asked.right = False
            sentence += " It counts as not right."
        self.say(sentence, "bold")
        self.to_end()

    def action_demo(self) -> None:
        """Let the audience guess, or judge again what is typed."""
        self._demo = not self._demo
        if self._now.done:
            self.redraw()
        else:
            self._invite()

    @on(TextField.Changed)
    def show_value(self) -> None:
        """Say beside the field what a formula gives so far."""
        try:
            typed = evaluate(self._field.value, self._now.question.names)
        except FormulaError:
            text = ""
        else:
            short = f"{typed.value:.6g}"
            text = "" if typed.plain else f"{relation(short, exact(typed.value))} {short}"
        self.query_one("#value", Static).update(text)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    def _invite(self) -> None:
        """Say what is to be done with a new question."""
        if self._demo:
            text = "Demo: the audience guesses, ^r reveals. Nothing counts."
        elif self._now.before is not None:
            text = "Type the answer and press enter. It was tried before, so it counts no more."
        else:
            text = "Type the answer and press enter; two digits will do. The first try counts."
        self.say(text, "$foreground-muted")

    def redraw(self) -> None:
        asked, question = self._now, self._now.question
        many = f" · {self._at + 1} of {len(self._asked)}" if len(self._asked) > 1 else ""
        demo = " · demo" if self._demo else ""
        phase = info(question.phase)
        streak, best = self._streaks()
        title = f"{self.HEADING} · phase {phase.phase:d}/{len(PHASES)} {phase.name}{many}{demo}"
        self.entitle(title, f"streak {streak} · best {best}")
        room = max(min(_WIDTH, self.size.width) - _FRAME, 1)
        tall = self.size.height >= _TALL
        self.query_one("#page", Static).update(Content("\n\n" if tall else "\n").join(self._groups(asked, room)))
        self.query_one("#symbol", Static).update(f"{question.symbol} = ")
        self._field.disabled = self._demo
        self._field.placeholder = question.asks_for
        if not self._demo:
            self._field.focus()
        self.query_one("#judgement", Static).update(self.judgement)
        self.query(KeyHint).first().show("enter", "go on" if asked.done else "check")

    def _streaks(self) -> tuple[int, int]:
        """Return the present streak and the best one, with these answers counted."""
        streak, best = self._before
        for asked in self._asked:
            if asked.counted is not None:
                streak = streak + 1 if asked.counted else 0
                best = max(best, streak)
        return streak, best

    def _groups(self, asked: _Asked, room: int) -> Iterator[Content]:
        """Yield the question, its numbers, the hints so far, and at the end the solution."""
        question = asked.question
        yield coloured(question.text, self.app).stylize("bold")
        yield coloured("\n".join(given_lines(question.given, room)), self.app)
        hints = [
            Content.assemble((f"Hint {i + 1} of {len(question.hints)}  ", "bold $primary"), coloured(hint, self.app))
            for i, hint in enumerate(question.hints[: asked.hints])
        ]
        if hints:
            yield Content("\n").join(hints)
        if asked.done:
            yield Content.assemble(("Solution  ", "bold $success"), coloured(question.solution, self.app))

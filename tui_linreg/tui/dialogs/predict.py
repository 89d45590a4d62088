"""Predict: the next phase's number is asked for before it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import PHASES, info
from tui_linreg.study.predict.answer import Judgement, Result
from tui_linreg.study.predict.formula import FormulaError, evaluate
from tui_linreg.study.predict.questions import Question
from tui_linreg.tui.dialogs.base import AskingDialog, Hint, KeyHint
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.dialogs.formula import coloured
from tui_linreg.tui.dialogs.given_numbers import given_lines

_WIDTH = 84
_FRAME = 4
"""Columns that the border and its padding take."""
_PATIENCE = 0.3
"""Seconds of judging before that is said."""
_LETTERS = ("h", "r", "d")
"""Keys of the dialog while one types: no letter but e and E belongs to a number or a formula."""
_COLOURS = {
    Result.RIGHT: "$success",
    Result.TOO_FEW_DIGITS: "$warning",
    Result.CLOSE: "$warning",
    Result.KNOWN_ERROR: "$warning",
    Result.WRONG: "$error",
}


@dataclass(frozen=True, slots=True)
class Predicted:
    """How a phase's questions were answered."""

    right: tuple[bool | None, ...]
    """Of each question whether its first answer was right; None where nothing was judged (demo mode).

    An answer with too few digits is no answer yet, and neither is one that cannot be read.
    """


@dataclass(slots=True)
class _Asked:
    """One question and how it stands."""

    question: Question
    hints: int = 0
    """How many of them are shown."""
    right: bool | None = None
    """Of the first answer; None before it."""
    done: bool = False
    """Whether it was answered or revealed."""

    def judged(self, result: Result) -> None:
        """Take note of an answer's result."""
        if result is Result.TOO_FEW_DIGITS:
            return
        if self.right is None:
            self.right = result is Result.RIGHT
        self.done = result is Result.RIGHT


class _AnswerField(TextField):
    """A number or a formula; leaves to the dialog the letters that are its keys."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Say whether the key is typed here, and no binding with priority."""
        return key not in _LETTERS and super().check_consume_key(key, character)


class PredictDialog(AskingDialog[Predicted | None]):
    """Ask the questions of a phase, one after the other; None when closed before the last one was answered.

    Args:
        questions: at least one.
        streak: right predictions since the last wrong one, before these questions.
        best: the longest streak so far.
    """

    HEADING = "Predict"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "hint", "hint", show=False, priority=True, tooltip="The next of three hints"),
        Binding("r", "reveal", "reveal", show=False, priority=True, tooltip="Show the worked solution"),
        Binding("d", "demo", "demo", show=False, priority=True, tooltip="Demo: the audience guesses, nothing counts"),
        Binding("down", "scroll_lines(1)", "scroll", show=False, tooltip="A line down"),
        Binding("up", "scroll_lines(-1)", "scroll", show=False, tooltip="A line up"),
    ]
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "check", "screen.apply"),
        ("h", "hint", "screen.hint"),
        ("r", "reveal", "screen.reveal"),
        ("d", "demo", "screen.demo"),
        ("esc", "close", "screen.cancel"),
    )

    def __init__(self, questions: Sequence[Question], streak: int = 0, best: int = 0) -> None:
        super().__init__()
        self._asked = [_Asked(question) for question in questions]
        self._at = 0
        self._before = (streak, best)
        self._demo = False
        self._judging = False
        self._said = Content("")
        """The judgement of the last answer, or what to do."""

    # ── widgets ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def contents(self) -> Iterable[Widget]:
        """Return what scrolls: the question, its numbers, the hints so far."""
        yield Static(id="page")

    def fixed(self) -> Iterable[Widget]:
        """Return the field and the judgement, which stay in sight."""
        with Horizontal(id="answer"):
            yield Static(id="symbol", markup=False)
            yield _AnswerField(placeholder="a number or a formula")
            yield Static(id="value", markup=False)
        yield Static(id="judgement")

    def on_mount(self) -> None:
        """Ask the first question."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._show())
        self._invite()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the numbers out in the new width."""
        if self.query("#page"):
            self._show()

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
        elif not self._demo and not self._judging:
            self._judging = True
            self.run_worker(self._judge(self._now, self._field.value))

    async def _judge(self, asked: _Asked, text: str) -> None:
        """Judge in a thread: a mini-batch of millions takes seconds to be searched for known mistakes."""
        judging = asyncio.ensure_future(asyncio.to_thread(asked.question.judge, text))
        finished, _ = await asyncio.wait({judging}, timeout=_PATIENCE)
        if not finished and not asked.done:
            self._say(Content.styled("… looking for known mistakes", "$foreground-muted"))
        result = None
        try:
            judgement = await judging
            said, result = _judged(judgement), judgement.result
        except FormulaError as error:
            said = Content.styled(f"✗ {error}", "bold $error")
            if not asked.done and error.position is not None:
                self._field.cursor_position = error.position - 1
        self._judging = False
        if asked.done or self._demo:  # keys came meanwhile
            return
        if result is not None:
            asked.judged(result)
        self._say(said)
        if asked.done:
            self._to_end()

    def _go_on(self) -> None:
        if self._at + 1 == len(self._asked):
            self.dismiss(Predicted(tuple(asked.right for asked in self._asked)))
            return
        self._at += 1
        self._field.value = ""
        self._invite()
        self.body.scroll_home(animate=False)

    def action_hint(self) -> None:
        """Show one hint more."""
        if not self._now.done and self._now.hints < len(self._now.question.hints):
            self._now.hints += 1
            self._show()
            self._to_end()

    def action_reveal(self) -> None:
        """Show the worked solution; that counts as not right, save in demo mode."""
        asked = self._now
        if asked.done:
            return
        asked.done = True
        told = f"→ Revealed: {asked.question.symbol} = {asked.question.true:.6g}."
        if not self._demo:
            asked.right = False
            told += " It counts as not right."
        self._say(Content.styled(told, "bold"))
        self._to_end()

    def action_demo(self) -> None:
        """Let the audience guess, or judge again what is typed."""
        self._demo = not self._demo
        if self._now.done:
            self._show()
        else:
            self._invite()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by lines."""
        self.body.scroll_relative(y=lines, animate=False)

    def _to_end(self) -> None:
        self.call_after_refresh(self.body.scroll_end, animate=False)

    @on(TextField.Changed)
    def show_value(self) -> None:
        """Say beside the field what a formula gives so far."""
        try:
            typed = evaluate(self._field.value)
        except FormulaError:
            text = ""
        else:
            text = "" if typed.plain else f"= {typed.value:.6g}"
        self.query_one("#value", Static).update(text)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────

    def _invite(self) -> None:
        """Say what is to be done with a new question."""
        if self._demo:
            text = "Demo: the audience guesses, r reveals. Nothing counts."
        else:
            text = "Type the answer and press enter; two digits will do. The first try counts."
        self._say(Content.styled(text, "$foreground-muted"))

    def _say(self, said: Content) -> None:
        self._said = said
        self._show()

    def _show(self) -> None:
        asked, question = self._now, self._now.question
        many = f" · {self._at + 1} of {len(self._asked)}" if len(self._asked) > 1 else ""
        demo = " · demo" if self._demo else ""
        box = self.query_one("#box")
        phase = info(question.phase)
        box.border_title = Content(f"Predict · phase {phase.phase:d}/{len(PHASES)} {phase.name}{many}{demo}")
        streak, best = self._streaks()
        box.border_subtitle = Content(f"streak {streak} · best {best}")
        room = max(min(_WIDTH, self.size.width) - _FRAME, 1)
        tall = self._is_tall(self.size.height)  # while it is resized, the class is that of the old size
        self.query_one("#page", Static).update(Content("\n\n" if tall else "\n").join(self._groups(asked, room - 1)))
        self.query_one("#symbol", Static).update(f"{question.symbol} = ")
        self._field.disabled = self._demo
        if not self._demo:
            self._field.focus()
        judgement = self.query_one("#judgement", Static)
        judgement.update(self._said)
        what = "go on" if asked.done else "check"
        self.query(KeyHint).first().update(
            Content.assemble(("enter", "bold $primary"), " ", (what, "$foreground-muted"))
        )
        # The body gets what border, field, judgement and keys leave.
        below = max(len(self._said.wrap(room)), 3 if tall else 2)
        judgement.styles.height = below
        self.body.styles.max_height = max(1, self.size.height - 4 - below - 2 * tall)

    def _streaks(self) -> tuple[int, int]:
        """Return the present streak and the best one, with these answers counted."""
        streak, best = self._before
        for asked in self._asked:
            if asked.right is not None:
                streak = streak + 1 if asked.right else 0
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


def _judged(judgement: Judgement) -> Content:
    result = judgement.result
    return Content.styled(f"{result.sign} {judgement.text}", f"bold {_COLOURS[result]}")

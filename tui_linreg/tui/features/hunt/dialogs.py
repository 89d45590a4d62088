"""Ask at which level to hunt, and which formula is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.study.hunt import choices
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.tui.dialogs.answers import Answers, Offered
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice
from tui_linreg.tui.features.hunt.round import Round

_GAME = (
    f"One of {len(MISTAKES)} classic mistakes, or none, hides in the from-scratch model.",
    "Name and code are hidden: step as ever, and decide from the numbers.",
    "Then f opens the answers; a wrong one gets a hint. Your own run waits.",
)


class HuntStartDialog(Dialog[str | None]):
    """Ask for a level; None when cancelled.

    Args:
        level: the level to begin with.
        found: how often a mistake was found so far, for each level.
        own_mistake: the mistake that the present run makes openly, which the hunt leaves out; None: none.
    """

    BINDINGS: ClassVar[list[BindingType]] = FORM_KEYS
    HEADING = "Find the mistake"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "start", "screen.apply"),
        ("esc", "cancel", "screen.cancel"),
        ("1 2 3 ↑ ↓", "level", ""),
    )

    def __init__(self, level: str, found: Sequence[int], own_mistake: str | None = None) -> None:
        super().__init__()
        self._level = level
        self._found = found
        self._own_mistake = own_mistake

    def contents(self) -> Iterable[Widget]:
        yield Static("\n".join(_GAME), classes="rule", markup=False)
        if self._own_mistake is not None:
            text = f"! This run's own mistake ({self._own_mistake}) is not in the hunt's run, unless it is drawn."
            yield Static(text, classes="rule -warning", markup=False)
        options = [(level.key, f"{level.title}{self._so_far(at)}") for at, level in enumerate(LEVELS.values())]
        yield Choice(options, self._level, numbered=True, id="levels")

    def _so_far(self, at: int) -> str:
        return f"   found: {self._found[at]}" if self._found[at] else ""

    def fixed(self) -> Iterable[Widget]:
        yield Static("", id="level-task", markup=False)

    def on_mount(self) -> None:
        self.query_one(Choice).focus()
        self.show_task()

    @on(Choice.Changed)
    def show_task(self) -> None:
        """Say what is seen at the level chosen."""
        level = LEVELS[self.query_one(Choice).value]
        self.query_one("#level-task", Static).update(Content.styled(level.task, "bold"))

    def action_apply(self) -> None:
        """Return the level."""
        self.dismiss(self.query_one(Choice).value)


Decision = Literal["told", "again", "leave"]
"""The round is over and can be told; another one; back to the learner's own run."""


class HuntDialog(Dialog[Decision | None]):
    """Ask what is wrong with the formulas; None to go on looking.

    Args:
        round: which is judged and takes the hints.
    """

    HEADING = "Find the mistake"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "decide", "screen.apply"),
        ("u", "give up", "screen.give_up"),
        ("n", "new", "screen.close('again')"),
        ("l", "leave", "screen.close('leave')"),
        ("esc", "look", "screen.cancel"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        *FORM_KEYS,
        Binding("u", "give_up", "give up", show=False, tooltip="Give up and be told"),
        Binding("n", "close('again')", "another hunt", show=False, tooltip="Another hunt"),
        Binding("l", "close('leave')", "leave", show=False, tooltip="Leave the hunt, back to your own run"),
        Binding("f,q", "cancel", "look on", show=False, tooltip="Back to the numbers"),
    ]

    def __init__(self, round: Round) -> None:
        super().__init__()
        self._round = round
        self._giving_up = False
        self._judgement = Content.styled("A wrong answer is no harm: it gets a hint.", "$foreground-muted")

    def contents(self) -> Iterable[Widget]:
        yield Static(self._round.level.task, classes="rule", markup=False)
        answers = choices(self._round.hunt)
        tried = [str(hint.guess) for hint in self._round.hints]
        first = next((str(answer.number) for answer in answers if str(answer.number) not in tried), "1")
        yield Answers([Offered(str(each.number), each.key, each.text, each.formula) for each in answers], first, tried)
        yield Static("", id="hints-so-far", markup=False)

    def fixed(self) -> Iterable[Widget]:
        yield Static("", id="judgement", markup=False)

    def on_mount(self) -> None:
        self.query_one(Answers).focus()
        self._say_last()

    def _say_last(self) -> None:
        hints = self._round.hints
        if hints:
            self._say(f"✗ {hints[-1].text}", "bold $warning")

    def _say(self, text: str, style: str) -> None:
        self._judgement = Content.styled(text, style)
        self.redraw()

    def redraw(self) -> None:
        hints = self._round.hints
        earlier = [f"hint {i + 1}: {hint.text}" for i, hint in enumerate(hints[:-1])]
        hints_so_far = self.query_one("#hints-so-far", Static)
        hints_so_far.update(Content.styled("\n".join(earlier), "$foreground-muted"))
        hints_so_far.display = bool(earlier)
        self.entitle(f"{self.HEADING} · {self._round.level.title}", f"wrong so far: {len(hints)}" if hints else "")
        self.query_one("#judgement", Static).update(self._judgement)
        self.call_after_refresh(self.query_one(Answers).bring_up)

    def action_apply(self) -> None:
        """Judge the answer: a wrong one gets its hint, the right one ends the round."""
        self._giving_up = False
        answers = self.query_one(Answers)
        chosen = int(answers.value)
        again = answers.value in answers.tried
        outcome = self._round.guess(chosen)
        if outcome.right:
            self.dismiss("told")
            return
        answers.cross(answers.value)
        if again:
            self._say(f"✗ That was tried: {outcome.hint}", "bold $warning")
        else:
            self._say_last()

    def action_give_up(self) -> None:
        """End the round when asked for twice."""
        if self._giving_up:
            self._round.give_up()
            self.dismiss("told")
            return
        self._giving_up = True
        self._say("u again gives up: everything is told, and it does not count as found.", "bold")

    def action_close(self, decision: Decision) -> None:
        """Close for another round or to leave."""
        self.dismiss(decision)

"""The code of one phase on the screen, ours beside torch's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.highlight import HighlightTheme, highlight
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import PHASES, Phase, info
from tui_linreg.study.code_lines import CodeExcerpt, code_for
from tui_linreg.tui.dialogs.base import READING_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.texts import Definition, DefinitionList, coloured

if TYPE_CHECKING:
    from tui_linreg.engine.models.scratch import SimpleLinearRegression


_NUMBER_WIDTH = 7
_SIDES = ("from scratch", "torch.nn")
_HIDDEN = "The code of this phase, {}, is hidden until you have decided what is wrong with it, if anything."


class _Colours(HighlightTheme):
    """Textual's own, without underlines: these are for what can be clicked."""

    STYLES = {token: style.replace("underline", "bold") for token, style in HighlightTheme.STYLES.items()}  # noqa: RUF012


class CodePair(Vertical):
    """Both excerpts of a phase and the reason under them."""

    phase: reactive[Phase] = reactive(Phase.BATCH, recompose=True, init=False)

    def __init__(self, phase: Phase, shown_type: type[SimpleLinearRegression] | None, secret: bool) -> None:
        super().__init__(id="page")
        self._shown_type = shown_type
        self._secret = secret
        self.set_reactive(CodePair.phase, phase)

    def compose(self) -> ComposeResult:
        try:
            pair = code_for(self.phase, self._shown_type)
        except (LookupError, OSError) as error:
            yield Static(f"✗ the source cannot be shown: {error}", markup=False)
            return
        with Horizontal(classes="excerpts"):
            for side, excerpt in zip(_SIDES, pair, strict=True):
                with Vertical(classes="excerpt -first" if side == _SIDES[0] else "excerpt"):
                    yield Static(excerpt.author or side, classes="side", markup=False)
                    if self._secret and side == _SIDES[0]:
                        yield Static(_HIDDEN.format(info(self.phase).name), classes="origin", markup=False)
                        continue
                    yield Static(excerpt.title, classes="origin", markup=False)
                    yield from _listing(excerpt, tinted=not self.app.native_ansi_color)
        now = info(self.phase)
        yield Static(Content("   ").join([coloured(now.formula, self.app), Content(now.why)]), classes="why")


class CodeDialog(Dialog[None]):
    """Show the lines that do a phase; the arrows go to the phase before or after.

    Args:
        phase: the phase to begin with.
        shown_type: the scratch model's class whose code is shown; None: the plain one, also where another runs.
        secret: whether the scratch model's code is hidden.
    """

    NAME = "code"
    HEADING = "Code"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("←", "phase before", "screen.turn(-1)"),
        ("→", "phase after", "screen.turn(1)"),
        ("↑ ↓", "scroll", ""),
        ("esc", "close", "screen.cancel"),
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS,
        Binding("right,l", "turn(1)", "phase", show=False, tooltip="The next phase's code"),
        Binding("left,h", "turn(-1)", "phase", show=False, tooltip="The previous phase's code"),
        Binding("c", "cancel", "close", show=False, tooltip="Close"),
    ]

    def __init__(
        self, phase: Phase, shown_type: type[SimpleLinearRegression] | None = None, *, secret: bool = False
    ) -> None:
        super().__init__()
        self._first = phase
        self._shown_type = shown_type
        self._secret = secret

    def contents(self) -> Iterable[Widget]:
        yield CodePair(self._first, self._shown_type, self._secret)

    def redraw(self) -> None:
        phase = self.query_one(CodePair).phase
        self.entitle(f"{self.HEADING} · phase {phase:d}/{len(PHASES)} {info(phase).name}")

    def action_turn(self, by: int) -> None:
        """Show another phase; nothing before the first and after the last."""
        pair = self.query_one(CodePair)
        phase = Phase(min(max(pair.phase + by, Phase.BATCH), Phase.UPDATE))
        if phase != pair.phase:
            pair.phase = phase
            self.redraw()
            self.body.scroll_home(animate=False)


def _listing(excerpt: CodeExcerpt, *, tinted: bool) -> Iterator[DefinitionList]:
    """Yield the lines of code; those of the docstring are a list of their own, which short screens leave out."""
    numbers = iter(number for number, _ in excerpt.lines)
    for in_docstring, lines in groupby(_lines(excerpt, tinted), lambda _: next(numbers) in excerpt.docstring):
        yield DefinitionList(lines, _NUMBER_WIDTH, "-docstring" if in_docstring else "")


def _lines(excerpt: CodeExcerpt, tinted: bool) -> Iterator[Definition]:
    """Yield the lines of code; a line that is too long continues under its own indentation."""
    code = "\n".join(text for _, text in excerpt.lines)
    ends = [i for i, character in enumerate(code) if character == "\n"]
    painted = highlight(code, language="python", theme=_Colours)
    starts = [0, *(end + 1 for end in ends)]
    for (number, text), start, end in zip(excerpt.lines, starts, [*ends, len(code)], strict=True):
        indent = len(text) - len(text.lstrip())
        line = painted[start + indent : end]
        if number in excerpt.highlighted:
            back = "$primary 18%" if tinted else ""
            yield Definition(Content.styled(f"▶ {number:>3}", "bold $primary"), line, indent, back)
        else:
            plain = Content.styled(f"  {number:>3}", "$foreground-muted")
            yield Definition(plain, line.stylize("dim"), indent)

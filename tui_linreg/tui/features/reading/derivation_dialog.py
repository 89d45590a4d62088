"""The chain rule of one phase, written out with the batch's own numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.phases import PHASES, Phase, info
from tui_linreg.study.derivation.derivation import Derivation, as_latex, as_text, derivation
from tui_linreg.study.derivation.layout import Line, Section, plain, remark
from tui_linreg.tui.dialogs.base import READING_KEYS, Dialog, Hint
from tui_linreg.tui.styles import Styles

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step

_LEAST_WIDTH = 40
"""What `Section.lines` needs; on narrower screens its lines are wrapped again."""
_INDEX = "index"
_WITHIN: dict[Phase, tuple[str, ...]] = {
    Phase.BATCH: (),
    Phase.PREDICT: ("b_before", "w_before", "y_pred"),
    Phase.LOSS: ("y_pred", "residual", "loss"),
    Phase.ERROR_SIGNAL: ("y_pred", "residual", "dloss_dpred"),
    Phase.BIAS_GRADIENT: ("dloss_dpred", "grad_b"),
    Phase.WEIGHT_GRADIENT: ("dloss_dpred", "grad_w"),
    Phase.UPDATE: ("b_before", "w_before", "grad_b", "grad_w", "b", "w"),
}
"""What stands among the numbers of a phase."""
_LINKED = ("dloss_dpred", "dpred_db", "dpred_dw")


class SectionView(Widget):
    """One way of writing the phase: its heading and its lines, broken for the width there is."""

    def __init__(self, section: Section) -> None:
        super().__init__(classes=f"form -{section.key}")
        self._section = section

    def show(self, section: Section) -> None:
        """Show the same way of writing another phase."""
        self._section = section
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._lines(self.content_size.width))

    def _lines(self, width: int) -> list[Content]:
        found = [Content.styled(self._section.heading, "bold $foreground")]
        for line in self._section.lines(max(width, _LEAST_WIDTH)):
            painted = _painted(line, self.app)
            found += [painted] if painted.cell_length <= width else painted.wrap(max(width, 1))
        return found


class DerivationPage(Vertical):
    """All sections below each other; that of the index notation is seen when the page has the class -indices."""

    def __init__(self, whole: Derivation) -> None:
        super().__init__(id="page")
        self._whole = whole

    def compose(self) -> ComposeResult:
        yield from map(SectionView, self._whole.sections)

    def show(self, whole: Derivation) -> None:
        """Show another phase, index notation and all."""
        self._whole = whole
        for view, section in zip(self.query(SectionView), whole.sections, strict=True):
            view.show(section)


class DerivationDialog(Dialog[None]):
    """Show a phase's derivation; the arrows go to the phases before it, and back as far as the numbers are known.

    Args:
        step: the mini-batch at the cursor.
        phase: the phase at the cursor; of later ones nothing is shown.
        blanks: quantities (as in `Hidden.blanks`) of which the sections with numbers show none.
        judged: whether to say where a number does not follow from those put in (`study.derivation.derivation`).
    """

    NAME = "derivation"
    HEADING = "Derivation"
    # Below 72 columns the last key of the line has no room.
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-small"), (72, "-narrow"), (100, "-wide")]  # noqa: RUF012
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("← →", "phase", "screen.turn(-1)"),
        ("x", "index", "screen.indices"),
        ("t", "copy", "screen.copy('text')"),
        ("L", "copy LaTeX", "screen.copy('LaTeX')"),
        ("esc", "close", "screen.cancel"),
        ("↑ ↓", "scroll", "screen.scroll('page_down')"),
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        *READING_KEYS,
        Binding("right,l", "turn(1)", "phase", show=False, tooltip="The next phase's derivation"),
        Binding("left,h", "turn(-1)", "phase", show=False, tooltip="The previous phase's derivation"),
        Binding("x,n", "indices", "indices", show=False, tooltip="Index notation with the Kronecker delta, or not"),
        Binding("t,c", "copy('text')", "copy", show=False, tooltip="Copy as text"),
        Binding("L", "copy('LaTeX')", "LaTeX", show=False, tooltip="Copy as LaTeX"),
        Binding("d", "cancel", "close", show=False, tooltip="Close"),
    ]

    def __init__(self, step: Step, phase: Phase, *, judged: bool = True, blanks: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self._blanks = blanks
        self._step = step
        self._reached = phase
        self._phase = phase
        self._judged = judged
        self._indices = False
        self._found: dict[Phase, Derivation] = {}  # judging passes over the whole batch: once for each phase

    def contents(self) -> Iterable[Widget]:
        yield DerivationPage(self._whole)

    def fixed(self) -> Iterable[Widget]:
        yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        self._entitle()

    @property
    def shown(self) -> Derivation:
        """The derivation on the screen, which is what is copied."""
        if self._indices:
            return self._whole
        return replace(self._whole, sections=tuple(part for part in self._whole.sections if part.key != _INDEX))

    @property
    def _whole(self) -> Derivation:
        if self._phase not in self._found:
            found = derivation(self._step, self._phase, index_notation=True, judged=self._judged)
            hidden = not self._blanks.isdisjoint(_WITHIN[self._phase])
            self._found[self._phase] = _without_numbers(found) if hidden else found
        return self._found[self._phase]

    def action_turn(self, by: int) -> None:
        """Show another phase; none before the first and none that is not computed yet."""
        phase = self._phase + by
        if self._reached < phase <= Phase.UPDATE:
            self._say(f"phase {phase} is not computed yet: → on the main screen does it", "bold $warning")
        elif Phase.BATCH <= phase <= Phase.UPDATE:
            self._phase = Phase(phase)
            self.query_one(DerivationPage).show(self._whole)
            self._entitle()
            self.body.scroll_home(animate=False)

    def action_indices(self) -> None:
        """Add the section in index notation and bring it into sight, or take it away."""
        self._indices = not self._indices
        self.query_one(DerivationPage).set_class(self._indices, "-indices")
        self._entitle()
        if self._indices:
            self.call_after_refresh(self.body.scroll_end, animate=False)

    def action_copy(self, form: str) -> None:
        """Hand what is shown to the terminal's clipboard: as "text" or as "LaTeX"."""
        text = as_text(self.shown) if form == "text" else as_latex(self.shown)
        self.app.copy_to_clipboard(text)
        count = len(text.splitlines())
        self._say(f"✓ copied as {form}: {count} lines, if the terminal allows it", "$foreground")

    def _entitle(self) -> None:
        self.entitle(f"{self.HEADING} · phase {self._phase:d}/{len(PHASES)} {info(self._phase).name}")
        if any("≠" in plain(line) for line in self._whole.lines()):
            self._say("≠ what was computed does not follow from these numbers", "bold $error")
            return
        place, first = self._step.place, self._reached + 1
        later = {7: "phase 7 not", 8: "all phases"}.get(first, f"phases {first}–{len(PHASES)} not")
        known = "computed" if first > Phase.UPDATE else "computed yet"
        self._say(f"epoch {place.epoch + 1}, batch {place.batch + 1} · {later} {known}", "$foreground-muted")

    def _say(self, text: str, style: str) -> None:
        self.query_one("#said", Static).update(Content.styled(text, style))


def _without_numbers(found: Derivation) -> Derivation:
    """Return a derivation that says of its numbers only that they are hidden."""
    sections = [
        replace(part, items=(remark("hidden until it is answered"),)) if part.key == "numbers" else part
        for part in found.sections
    ]
    return replace(found, sections=tuple(sections))


def _painted(line: Line, app: App[Any]) -> Content:
    """Return a line in the colours that the main screen gives its roles."""
    styles = Styles.of(app.theme_variables, app.current_theme.dark)
    painted = Content.assemble(
        *((text, f"bold {styles.colours[role]}" if role in _LINKED else styles.colours[role]) for text, role in line)
    )
    return painted.highlight_regex("≠", style=f"bold {styles.colours['differs']}")

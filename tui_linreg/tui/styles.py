"""The themes, colours by meaning, and lines of text: cut, spread over a width, turned into strips.

Widgets name roles ("dloss_dpred", "muted bold"), never colours: `Styles` says how each role looks under the theme. Each
of the three derivatives has one hue everywhere (sky blue, orange, purple, which colour-blind people can tell apart);
whatever a colour says, a sign or a word says too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.theme import Theme

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Verdict

Span = tuple[str, str]
"""Text and its role: a colour role and the words bold, reverse, underline, @role (background), !action (on a click)."""
Line = Sequence[Span]

_DARK = {
    "dloss_dpred": "#56b6f7",
    "dpred_db": "#ffb347",
    "dpred_dw": "#e68ae6",
    "identical": "#7ee0a1",
    "rounding": "#f0d264",
    "differs": "#ff6b6b",
    "batch": "#ffe14d",
    "train": "#8595a8",
    "line_before": "#f2949c",
    "line_after": "#56b6f7",
    "stem": "#64748a",
    "contour": "#5b87b5",
    "mean": "#7ee0a1",
    "valid": "#e68ae6",
}
_LIGHT = {
    "dloss_dpred": "#0069b4",
    "dpred_db": "#a85a00",
    "dpred_dw": "#9a2f9a",
    "identical": "#0f7034",
    "rounding": "#806000",
    "differs": "#c01818",
    "batch": "#b45a00",
    "train": "#6b7889",
    "line_before": "#b02a5b",
    "line_after": "#0069b4",
    "stem": "#8590a0",
    "contour": "#4f7396",
    "mean": "#0f7034",
    "valid": "#9a2f9a",
}
PHASE_ROLES = {
    Phase.BATCH: "batch",
    Phase.PREDICT: "accent",
    Phase.LOSS: "identical",
    Phase.ERROR_SIGNAL: "dloss_dpred",
    Phase.BIAS_GRADIENT: "dpred_db",
    Phase.WEIGHT_GRADIENT: "dpred_dw",
    Phase.UPDATE: "accent",
}
"""The colour of each phase's own result, the three derivatives in their linked colours."""
VERDICT_ROLES = {Verdict.IDENTICAL: "identical", Verdict.ROUNDING: "rounding", Verdict.DIFFERS: "differs bold"}

DARK = Theme(
    name="linreg-dark",
    primary="#56b6f7",
    secondary="#e68ae6",
    accent="#ffb347",
    foreground="#d5dde8",
    background="#0f141b",
    surface="#131a23",
    panel="#18212c",
    success="#7ee0a1",
    warning="#f0d264",
    error="#ff6b6b",
    dark=True,
    variables={"border": "#2c3947", "border-blurred": "#2c3947", "footer-key-foreground": "#56b6f7"},
)
LIGHT = Theme(
    name="linreg-light",
    primary="#0069b4",
    secondary="#9a2f9a",
    accent="#a85a00",
    foreground="#20262e",
    background="#fdfdfb",
    surface="#f4f5f3",
    panel="#e9ecef",
    success="#0f7034",
    warning="#806000",
    error="#c01818",
    dark=False,
    variables={"border": "#c3ccd5", "border-blurred": "#c3ccd5", "footer-key-foreground": "#0069b4"},
)


def _safe(theme: Theme, name: str, right: str, rounding: str, wrong: str) -> Theme:
    """Return a theme with other colours for right, rounding and wrong, wherever these are told by colour."""
    roles = {"identical": right, "mean": right, "rounding": rounding, "differs": wrong}
    variables = theme.variables | {f"{_ROLE}{role}": colour for role, colour in roles.items()}
    return replace(theme, name=name, success=right, warning=rounding, error=wrong, variables=variables)


_ROLE = "role-"
"""What the name of a theme's variable begins with that gives a role another colour."""
SAFE = _safe(DARK, "linreg-safe", "#4da3ff", "#f7eca6", "#ff8c1a")
SAFE_LIGHT = _safe(LIGHT, "linreg-safe-light", "#0058c8", "#5e5e5e", "#a84300")
THEMES = (DARK, LIGHT, SAFE, SAFE_LIGHT)
"""The app's own themes, the last two for eyes that do not tell red from green; every built-in theme works as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Styles:
    """The roles' colours under one theme; compared by identity, a new theme makes another."""

    colours: Mapping[str, str]
    """Hex colour of every role, "text", "muted", "faint", "accent", "background", "panel" and "current" among them."""
    _styles: dict[str, Style] = field(default_factory=dict)

    @classmethod
    def of(cls, variables: Mapping[str, str], dark: bool) -> Styles:
        """Return the styles for a theme's CSS variables."""
        blank = "#0d1117" if dark else "#ffffff"
        background = _hex(variables.get("background", ""), blank)
        text = _hex(variables.get("foreground", ""), "#d8dee9" if dark else "#20262e")
        colours = {role: variables.get(_ROLE + role, own) for role, own in (_DARK if dark else _LIGHT).items()}
        colours |= {
            "background": background,
            "text": text,
            "muted": _blend(text, background, 0.42 if dark else 0.29),  # on a light ground greys stand out less
            "faint": _blend(text, background, 0.68),
            "panel": _hex(variables.get("panel", ""), _blend(background, text, 0.08)),
            "current": _blend(background, colours["dloss_dpred"], 0.16),
            "accent": _hex(variables.get("primary", ""), colours["dloss_dpred"]),
        }
        return cls(colours)

    def style(self, role: str) -> Style:
        """Return the style of a role (see `Span`)."""
        if role not in self._styles:
            self._styles[role] = self._make(role)
        return self._styles[role]

    def strip(self, line: Line, width: int, base: str = "") -> Strip:
        """Return one line of exactly `width` cells; `base` names roles that every part gets (a background)."""
        segments: list[Segment] = []
        cells = 0
        for text, role in line:
            if not text:
                continue
            cells += cell_len(text)
            style = self.style(f"{role} {base}" if base else role)
            if segments and segments[-1].style is style:  # one segment, one escape sequence
                text = segments.pop().text + text
            segments.append(Segment(text, style))
        if cells < width:
            segments.append(Segment(" " * (width - cells), self.style(base)))
        return Strip(segments, max(cells, width)).crop(0, width)

    def _make(self, role: str) -> Style:
        colour, back = "text", "background"
        flags: dict[str, Any] = {}
        for word in role.split():
            if word in ("bold", "dim", "reverse", "underline", "italic"):
                flags[word] = True
            elif word.startswith("@"):
                back = word[1:]
            elif word.startswith("!"):
                action = word[1:] if word.startswith("!app.") else f"screen.{word[1:]}"
                flags["meta"] = {"@click": action}
            else:
                colour = word
        return Style(color=self.colours[colour], bgcolor=self.colours[back], **flags)


def _hex(value: str, otherwise: str) -> str:
    """Return a theme's colour if it is plain hex; ansi themes name terminal colours that cannot be blended."""
    return value[:7] if value.startswith("#") and len(value) >= 7 else otherwise


def _blend(colour: str, other: str, share: float) -> str:
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def line_width(line: Line) -> int:
    """Return how many cells a line takes."""
    return sum(cell_len(text) for text, _ in line)


def cut(text: str, width: int) -> str:
    """Return a text, or of one that is too long as much as fits, and an ellipsis."""
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 2, 0)).rstrip() + " …"


def cut_words(line: Line, width: int) -> Line:
    """Return a line, or of one that is too long what ends between two words: a cut number is another."""
    if line_width(line) <= width:
        return line
    parts: list[Span] = []
    room = width - 2
    for text, role in line:
        if cell_len(text) > room:
            return [*parts, (set_cell_size(text, room + 1).rpartition(" ")[0] + " …", role)]
        parts.append((text, role))
        room -= cell_len(text)
    return parts


def bar(done: float, width: int, role: str = "accent") -> list[Span]:
    """Return a progress bar of `width` cells, `done` from 0 to 1."""
    full = min(width, max(0, round(done * width)))
    return [("█" * full, role), ("·" * (width - full), "faint")]


def spread(left: Sequence[tuple[int, Line]], right: Iterable[Line], width: int) -> Line:
    """Return a line with `left` groups (importance, parts) and one of the `right` ends, the first that fits.

    Left groups go from the least important on (importance 0 never goes) when not even the last end fits beside all.
    """
    ends = list(right)
    groups = list(left)
    while True:
        taken = sum(line_width(parts) for _, parts in groups)
        for end in ends:
            space = width - taken - line_width(end)
            if space >= 1:
                return [*(part for _, parts in groups for part in parts), (" " * space, ""), *end]
        least = max(range(len(groups)), key=lambda i: groups[i][0])
        if groups[least][0] == 0:
            return [*(part for _, parts in groups for part in parts)]
        del groups[least]

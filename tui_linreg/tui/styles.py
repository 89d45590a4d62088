"""Colours by meaning, and lines of text turned into strips.

Widgets name roles ("dloss_dpred", "muted bold"), never colours: `Styles` says how each role looks under the theme. Each
of the three derivatives has one hue everywhere (sky blue, orange, purple, which colour-blind people can tell apart);
whatever a colour says, a sign or a word says too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

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
    "train": "#5b6b80",
    "line_before": "#6c8096",
    "line_after": "#56b6f7",
    "stem": "#4a6078",
    "mean": "#7ee0a1",
    "valid": "#e68ae6",
}
_LIGHT = {
    "dloss_dpred": "#0069b4",
    "dpred_db": "#a85a00",
    "dpred_dw": "#9a2f9a",
    "identical": "#137a3a",
    "rounding": "#806000",
    "differs": "#c01818",
    "batch": "#b45a00",
    "train": "#98a4b3",
    "line_before": "#8a98a8",
    "line_after": "#0069b4",
    "stem": "#b5c0cc",
    "mean": "#137a3a",
    "valid": "#9a2f9a",
}


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
        colours = dict(_DARK if dark else _LIGHT)
        colours |= {
            "background": background,
            "text": text,
            "muted": _blend(text, background, 0.42),
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

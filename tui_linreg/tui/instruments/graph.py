"""The computation graph: boxes with the value of the forward pass and beneath it ∂L by this value, from the right.

Where there is no room for the boxes, the same nodes stand in a table.
"""

from __future__ import annotations

from typing import NamedTuple

from tui_linreg.engine.phases import Phase, info
from tui_linreg.number_text import exact, fitted, significant, thousands
from tui_linreg.relations import shortened
from tui_linreg.study.graph import Graph, Node, Number, graph_of
from tui_linreg.tui.boxes import Drawing, glyphs
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.instruments.common import Group, stacked, wrapped
from tui_linreg.tui.styles import Line, Span
from tui_linreg.tui.view import View

_INNER, _INNER_EXACT, _WIDEST = 12, 24, 16
"""The room for a number in a box: of six significant digits, with all digits, and the most of the first."""
_LEAST_GAP, _MOST_GAP = 2, 8
_BOX, _SHORT_BOX = 5, 3
"""Lines of a box with a derivative and without."""
_HIGH, _LOW = 15, 13
"""The least lines for the drawing with x in a box, and with x in a line of text."""
_CHAIN = ("wx", "y_pred", "e", "square", "loss")
_ABOVE = {"w": 0, "b": 1, "y": 2}
"""What feeds a node of the chain from above."""
_BACKWARD = {
    Phase.ERROR_SIGNAL: "∂L/∂e² = 1/m    ∂L/∂e = ∂L/∂e² · 2e    ∂L/∂ŷ = ∂L/∂e · 1",
    Phase.BIAS_GRADIENT: "∂L/∂b = Σ ∂L/∂ŷ · 1: every sample's ŷ has this b",
    Phase.WEIGHT_GRADIENT: "∂L/∂(w·x) = ∂L/∂ŷ · 1    ∂L/∂w = Σ ∂L/∂(w·x) · x",
}
"""The steps of the chain rule that a phase takes."""
_LEGEND = "▶ ▼ forward: the values   ◀ ▲ back: ∂L by each value"
_FACTORS = {"w": "· x", "b": "· 1"}
"""What a gradient is multiplied by on its way to a parameter."""


class Written(NamedTuple):
    """A number as it stands in the graph."""

    sign: str
    """"=", or "≈" where digits are left out, "≠" where it does not follow from those before it; empty: none to see."""
    text: str
    role: str


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the graph of the mini-batch, or of the sample chosen, as far as it is computed."""
    graph = graph_of(view.step, view.sample)
    inner = _INNER_EXACT if view.full else _INNER
    gap = (width - 5 * (inner + 2)) // 4
    if gap < _LEAST_GAP or height < _LOW:
        return _table(view, graph, width, height)
    if not view.full:
        inner = min(_WIDEST, inner + max((width - 5 * (inner + 2 + _MOST_GAP // 2)) // 5, 0))
        gap = (width - 5 * (inner + 2)) // 4
    return _Boxes(view, graph, inner, min(gap, _MOST_GAP), width, height).lines()


def write(view: View, graph: Graph, number: Number, width: int, role: str = "text") -> Written:
    """Return a number in at most `width` cells (at least 8), as far as it may be seen."""
    if not view.reached(number.phase):
        return Written("", "", "faint")
    if view.hides(*number.told_by):
        return Written("", MARK, "muted")
    whole = number.text or exact(number.value, view.run.single)
    more = "" if number.length in (None, 1) or number.text else " …"
    text = whole if view.full or number.text else significant(number.value, view.run.single)
    if len(text + more) > width:
        text = fitted(number.value, width - len(more), 10)
    if number.rule is not None and view.hidden.secret:
        sign = "≟"
    elif not graph.follows(number):
        return Written("≠", text + more, "differs bold")
    else:
        sign = "≈" if more or (not number.text and shortened(text, whole)) else "="
    return Written(sign, text + more, role)


# ── the drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────


class _Boxes:
    """Draws the chain from left to right, w, b and y above it, x beneath w·x."""

    def __init__(self, view: View, graph: Graph, inner: int, gap: int, width: int, height: int) -> None:
        self._view, self._graph, self._inner, self._gap = view, graph, inner, gap
        self._drawing = Drawing(width, height, view.marker)
        self._pitch = inner + 2 + gap
        self._high = height >= _HIGH

    def lines(self) -> list[Line]:
        """Return the drawing with its texts."""
        nodes, chain = self._graph.nodes, _BOX + 1
        for key, at in _ABOVE.items():
            self._box(nodes[key], at, 0 if nodes[key].slope else _BOX - _SHORT_BOX)
            self._edge(at, _BOX, "▼", nodes[key])
        for at, key in enumerate(_CHAIN):
            self._box(nodes[key], at, chain)
            if at:
                self._arrows(nodes[_CHAIN[at - 1]], nodes[key], at, chain)
        below = chain + _BOX
        self._edge(0, below, "▲", nodes["x"])
        if self._high:
            self._box(nodes["x"], 0, below + 1)
        else:
            x = write(self._view, self._graph, nodes["x"].forward, self._inner - 2)
            self._drawing.write(0, below + 1, [(f"x {x.sign} ", "muted"), (x.text, x.role)])
        self._texts(below)
        return self._drawing.lines()

    def _box(self, node: Node, at: int, y: int) -> None:
        view = self._view
        rows = [self._row(node.name, node.forward, "text", "text")]
        if node.slope is not None:
            rows.append(self._row(node.slope_name, node.slope, node.role, node.role))
        now = any(number is not None and number.phase is view.phase for number in (node.forward, node.slope))
        role = "accent" if now else "muted" if view.reached(node.forward.phase) else "faint"
        self._drawing.box(at * self._pitch, y, self._inner + 2, rows, role)

    def _row(self, name: str, number: Number, role: str, name_role: str) -> tuple[Line, Line]:
        found = write(self._view, self._graph, number, self._inner, role)
        reached = self._view.reached(number.phase)
        sign_role = "differs bold" if found.sign == "≠" else "muted"
        title: Line = [(name, name_role if reached else "faint"), (f" {found.sign}" if found.sign else "", sign_role)]
        bold = " bold" if number.phase is self._view.phase and "bold" not in found.role else ""
        return title, [(found.text.center(self._inner), found.role + bold)]

    def _edge(self, at: int, y: int, arrow: str, node: Node) -> None:
        """Draw the edge between a node and the one below or above it, and the gradient's way back along it."""
        middle = at * self._pitch + self._inner // 2
        self._drawing.glyph(middle, y, arrow, self._role(node.forward, "text"))
        if node.slope is not None and self._view.reached(node.slope.phase):
            self._drawing.glyph(middle + 2, y, "▲", node.role)
            added = "Σ " if self._graph.sample is None and self._graph.step.place.m > 1 else ""
            self._drawing.write(middle + 4, y, [(added + _FACTORS[node.key], node.role)])

    def _arrows(self, before: Node, after: Node, at: int, y: int) -> None:
        x = at * self._pitch - self._gap
        self._drawing.glyph(x, y + 1, "─" * (self._gap - 1) + "▶", self._role(after.forward, "text"))
        slope = before.slope
        if slope is not None and self._view.reached(slope.phase):
            self._drawing.glyph(x, y + 3, "◀" + "─" * (self._gap - 1), before.role)

    def _role(self, number: Number, role: str) -> str:
        return role if self._view.reached(number.phase) else "faint"

    def _texts(self, below: int) -> None:
        """Write what is shown where y has nothing to its right, and the chain rule beside x."""
        right, beside = 3 * self._pitch, self._pitch
        drawing, view = self._drawing, self._view
        for y, line in enumerate(_what(view, drawing.width - right)[:_BOX]):
            drawing.write(right, y, line)
        foot = [*_rule(view, drawing.width - beside), *_sums(view, self._graph)]
        foot += [[], [(glyphs(_LEGEND, view.marker), "muted")]]
        for y, line in enumerate(foot, below + (1 if self._high else 0)):
            drawing.write(beside, y, line)


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _what(view: View, width: int) -> list[Line]:
    """Return what is shown: the mini-batch or one sample of it, and how another is chosen."""
    place = view.step.place
    if view.sample is None:
        many = f"the mini-batch of {thousands(place.m)}" if place.m > 1 else "the mini-batch, one sample"
        of = "; of a vector the first number" if place.m > 1 else ""
        text = f"{many}{of}"
    else:
        text = f"sample {place.start + view.sample}: number {thousands(view.sample + 1)} of {thousands(place.m)}"
    return [*wrapped(text, width, "batch"), *wrapped(", and . choose a sample or the whole batch", width)]


def _rule(view: View, width: int) -> list[Line]:
    return wrapped(_BACKWARD.get(view.phase, info(view.phase).formula), width, "text")


def _sums(view: View, graph: Graph) -> list[Line]:
    """Return of one sample's graph the sums that its terms are part of."""
    if graph.sample is None:
        return []
    found: list[Line] = []
    for (name, number), key in zip(graph.sums, "bw", strict=True):
        if view.reached(number.phase):
            role = graph.nodes[key].role
            total = write(view, graph, number, _INNER_EXACT, role)
            m = view.step.place.m
            terms = f"Σ of {thousands(m)} such terms" if m > 1 else "this one term"
            sign = total.sign or "="
            sign_role = "differs bold" if sign == "≠" else "muted"
            found.append([(name, role), (f" = {terms} ", "muted"), (f"{sign} ", sign_role), (total.text, total.role)])
    return found


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _table(view: View, graph: Graph, width: int, height: int) -> list[Line]:
    """Return a row for each node: its value and the derivative of L by it."""
    name, slope = 10, 11
    room = max((width - name - slope - 6) // 2, 8)
    groups: list[Group] = [(4, _what(view, width)[:1])]
    for node in graph.nodes.values():
        row: list[Span] = [*_cell(view, graph, node.name, name, node.forward, room, "text"), ("  ", "")]
        if node.slope is not None:
            row += _cell(view, graph, node.slope_name, slope, node.slope, room, node.role)
        groups.append((0 if node.slope else 5, [row]))
    groups.append((3, _rule(view, width)))
    groups.append((2, _sums(view, graph)))
    kept = stacked(groups, height)
    return [line for line in kept if line] if height < 2 * len(groups) else kept


def _cell(view: View, graph: Graph, name: str, width: int, number: Number, room: int, role: str) -> list[Span]:
    found = write(view, graph, number, room, role)
    text = found.text or "·"
    sign_role = "differs bold" if found.sign == "≠" else "muted"
    reached = view.reached(number.phase)
    return [
        (name.ljust(width), role if reached else "faint"),
        (f"{found.sign or ' '} ", sign_role),
        (text.ljust(room), found.role),
    ]

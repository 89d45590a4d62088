"""Autograd's own graph of the step, as torch built it, with the gradient that each of its nodes was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.models.autograd import LOSS, PREDICTION, AutogradGraph, AutogradNode
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Comparison, Verdict
from tui_linreg.number_text import exact, fitted, significant, ulps
from tui_linreg.relations import shortened
from tui_linreg.tui.boxes import glyphs
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.instruments.common import Group, stacked, wrapped
from tui_linreg.tui.styles import VERDICT_ROLES, Line, Span, line_width
from tui_linreg.tui.view import View


class _Gradient(NamedTuple):
    """What the screen needs to know of a node's gradient."""

    symbol: str
    phase: Phase
    """From which on it is shown; torch computes all of them in one `backward()`."""
    key: str
    """The quantity that it is, or tells."""
    role: str


_GRADIENTS = {
    LOSS: _Gradient("∂L/∂L", Phase.ERROR_SIGNAL, "", "text"),
    PREDICTION: _Gradient("∂L/∂ŷ", Phase.ERROR_SIGNAL, "dloss_dpred", "dloss_dpred"),
    "b": _Gradient("∂L/∂b", Phase.BIAS_GRADIENT, "grad_b", "dpred_db"),
    "w": _Gradient("∂L/∂w", Phase.WEIGHT_GRADIENT, "grad_w", "dpred_dw"),
}


class _Row(NamedTuple):
    """A node, or an input that needs no gradient."""

    head: Line
    gradient: Line = ()
    stem: Line = ()
    """What stands to the left of the gradient where it is beneath."""


def lines(view: View, width: int, height: int) -> list[Line]:
    """Return the nodes as a tree, those that are handed a gradient beneath the one that hands it on."""
    if not view.reached(Phase.PREDICT):
        return wrapped("torch has built nothing yet: → computes ŷ, and autograd records how.", width, "text")
    try:
        graph = view.instruments.autograd_graph(view.step)
    except ReplayError as error:
        return wrapped(str(error), width, "differs")
    root = LOSS if view.reached(Phase.LOSS) else PREDICTION
    tree = _laid_out([*_tree(view, graph, graph.nodes.index(graph.node_of(root)), width)], width)
    name = "loss" if root == LOSS else "y_pred"
    groups: list[Group] = [(0, [[(f"{name}.grad_fn", "muted")], *tree])]
    if view.reached(Phase.LOSS):
        groups += [(1 + i, wrapped(text, width)) for i, text in enumerate(_other_ways(graph))]
    groups.append(
        (
            5,
            wrapped(
                "Right of a node: the gradient that backward() gave it, and how the hand-written one stands to it.",
                width,
            ),
        )
    )
    return stacked(groups, height)


def _tree(
    view: View, graph: AutogradGraph, number: int, width: int, stem: str = "", branch: str = ""
) -> Iterator[_Row]:
    """Yield the rows of a node and of those beneath it."""
    node = graph.nodes[number]
    leaf = "" if node.inputs else f" → {node.of}"
    below = stem + {"": "", "╰ ": "  ", "├ ": "│ "}[branch]
    named: list[Span] = [(node.name, "text bold"), (leaf, _of(node).role)]
    further = "│ " if node.inputs else "  "
    yield _Row(
        [(glyphs(stem + branch, view.marker), "muted"), *named],
        _gradient(view, node, width - len(below) - 2),
        [(glyphs(below + further, view.marker), "muted")],
    )
    for i, each in enumerate(node.inputs):
        twig = "╰ " if i == len(node.inputs) - 1 else "├ "
        if each is not None:
            yield from _tree(view, graph, each, width, below, twig)
        else:
            data = "y" if node.of == LOSS else "x"
            yield _Row([(glyphs(below + twig, view.marker), "muted"), (f"{data}: data, needs none", "faint")])


def _laid_out(rows: list[_Row], width: int) -> list[Line]:
    """Return the rows with the gradients in a column beside the names, or where that does not fit, beneath them."""
    column = max(line_width(row.head) for row in rows) + 2
    if column + max(line_width(row.gradient) for row in rows) <= width:
        return [[*row.head, (" " * (column - line_width(row.head)), ""), *row.gradient] for row in rows]
    return [line for row in rows for line in (row.head, *([[*row.stem, *row.gradient]] if row.gradient else []))]


def _of(node: AutogradNode) -> _Gradient:
    """Return what a node's gradient is; of one without a name of its own that of the parameter it leads to."""
    if node.of:
        return _GRADIENTS[node.of]
    leads = _GRADIENTS["w" if "w" in node.leaves else "b"]
    return leads._replace(symbol=f"{leads.symbol}ᵀ")


def _gradient(view: View, node: AutogradNode, width: int) -> Line:
    of = _of(node)
    if not view.reached(of.phase) or node.gradient is None:
        return [(f"{of.symbol} ", "faint"), ("·", "faint")]
    if view.hides(of.key):
        return [(f"{of.symbol} ", of.role), (MARK, "muted")]
    values = node.gradient.flatten()
    vector = len(values) > 1 and view.sample is None
    value = float(values[view.sample or 0] if len(values) > 1 else values[0])
    whole, more = exact(value, view.run.single), " …" if vector else ""
    text = whole if view.full else significant(value, view.run.single)
    if len(text) > (room := max(width - len(of.symbol) - len(more) - 3, 8)):
        text = fitted(value, room, 10)
    sign = "≈" if vector or shortened(text, whole) else "="
    found: Line = [(f"{of.symbol} ", of.role), (f"{sign} ", "muted"), (text + more, of.role)]
    return [*found, *_verdict(view, node, width - line_width(found))]


def _verdict(view: View, node: AutogradNode, room: int) -> Line:
    """Return how the hand-written gradient stands to a node's; of what the hand-written model has none of, nothing."""
    if not node.of or node.of == LOSS:
        return []
    comparison: Comparison = view.step.comparisons[_GRADIENTS[node.of].key]
    if node.of == PREDICTION and view.sample is not None:
        comparison = view.step.compare_signal(view.sample, view.sample + 1)[0]
    verdict = comparison.verdict
    word = ulps(comparison.ulps) if verdict is Verdict.ROUNDING else verdict.word
    text = f"  {verdict.sign} {word}"
    return [(text if len(text) <= room else f"  {verdict.sign}", VERDICT_ROLES[verdict])]


def _other_ways(graph: AutogradGraph) -> list[str]:
    """Return where torch's graph goes other ways than the hand-written one, found in how its nodes hang together."""
    top, line = graph.node_of(LOSS), graph.node_of(PREDICTION)
    found: list[str] = []
    if graph.nodes.index(graph.node_of("b")) in line.inputs:
        found.append(f"{line.name}, from nn.Linear, is one node where the hand-written graph has two: w·x and + b.")
    if graph.nodes.index(line) in top.inputs:
        found.append(f"{top.name} is one where it has three: − y, the square, the mean.")
    turned = next((node for node in graph.nodes if not node.of and node.leaves == {"w"}), None)
    if turned is not None:
        found.append(
            f"{turned.name} turns the gradient back: nn.Linear keeps w as a row and multiplies by its transpose."
        )
    return found

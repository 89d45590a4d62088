"""The graph that torch built of one mini-batch, and the gradients that went through it.

It is walked from the loss by `next_functions`; what a node was given in `backward()` is told by a hook of the node
(`torch.autograd.graph.Node.register_prehook`). Nothing of torch is replaced, and no number changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.autograd.graph import Node, get_gradient_edge

from tui_linreg.engine.device import readable

LOSS, PREDICTION = "L", "ŷ"
"""What the two nodes made whose results the model returns."""


@dataclass(frozen=True, slots=True)
class AutogradNode:
    """One node, by torch's name for it."""

    name: str
    """Such as "AddmmBackward0", without the C++ namespaces."""
    of: str
    """Whose gradient it is given: "L", "ŷ", or "b" and "w" of the node that adds to their `.grad`; "" for others."""
    leaves: frozenset[str]
    """Which of b and w get their gradient through it."""
    inputs: tuple[int | None, ...]
    """Where it hands gradients on, by the numbers of the nodes; None: that input needs none."""
    gradient: Tensor | None
    """∂L by its result, as it was given in `backward()`, in the result's own shape; None: it was given none."""


@dataclass(frozen=True, slots=True)
class AutogradGraph:
    """All nodes of a step."""

    step: int
    nodes: tuple[AutogradNode, ...]
    """The loss first, each before those that it hands gradients on to."""

    def node_of(self, of: str) -> AutogradNode:
        """Return the node that is given the gradient of "L", "ŷ", "b" or "w".

        Raises:
            KeyError: when there is none.
        """
        found = next((node for node in self.nodes if node.of == of), None)
        if found is None:
            raise KeyError(of)
        return found


class GraphRecorder:
    """Sees one forward and one backward pass.

    Args:
        parameters: the tensors that are learned, by their names.
    """

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        self._of = {get_gradient_edge(tensor).node: name for name, tensor in parameters.items()}
        self._nodes: list[Node] = []
        self._given: dict[Node, Tensor] = {}

    def watch(self, y_pred: Tensor, loss: Tensor) -> None:
        """Walk the graph of a loss, before `backward()`."""
        for tensor, name in ((loss, LOSS), (y_pred, PREDICTION)):
            self._of[get_gradient_edge(tensor).node] = name
        self._walk(get_gradient_edge(loss).node)
        self._handles = [node.register_prehook(self._hook(node)) for node in self._nodes]

    def graph(self, step: int) -> AutogradGraph:
        """Return what was seen, after `backward()`; the hooks are taken away again."""
        for handle in self._handles:
            handle.remove()
        numbers = {node: number for number, node in enumerate(self._nodes)}
        return AutogradGraph(
            step,
            tuple(
                AutogradNode(
                    node.name().rpartition("::")[2],
                    self._of.get(node, ""),
                    frozenset(self._leaves(node)),
                    tuple(None if each is None else numbers[each] for each, _ in node.next_functions),
                    self._given.get(node),
                )
                for node in self._nodes
            ),
        )

    def _walk(self, node: Node) -> None:
        if node not in self._nodes:
            self._nodes.append(node)
            for each, _ in node.next_functions:
                if each is not None:
                    self._walk(each)

    def _leaves(self, node: Node) -> set[str]:
        following = [each for each, _ in node.next_functions if each is not None]
        return set().union(*map(self._leaves, following)) if following else {self._of[node]}

    def _hook(self, node: Node) -> Callable[[Sequence[Tensor]], None]:
        def note(gradients: Sequence[Tensor]) -> None:
            self._given[node] = readable(gradients[0].detach())

        return note

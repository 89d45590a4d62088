"""The graph that torch built of a step: its nodes, and the gradients that went through them, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from engine_helpers import small, trained

from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.models.autograd import AutogradGraph, AutogradNode
from tui_linreg.engine.models.reference import TorchLinearRegression
from tui_linreg.engine.training.trial import trial_step


def gradient(node: AutogradNode) -> torch.Tensor:
    assert node.gradient is not None
    return node.gradient


def names(graph: AutogradGraph, number: int = 0) -> tuple[object, ...]:
    """The names of a node and of those beneath it."""
    node = graph.nodes[number]
    return node.name, *(None if each is None else names(graph, each) for each in node.inputs)


def own_names(node: torch.autograd.graph.Node) -> tuple[object, ...]:
    """The same of a graph of the test's own, by the class that Python shows of a node."""
    return type(node).__name__, *(None if each is None else own_names(each) for each, _ in node.next_functions)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_gradients_are_those_of_the_step(dtype: str, threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        session = small(dtype=dtype)
    finally:
        torch.set_num_threads(before)
    session.train_to(10)
    for index in (0, 3, 7, 9):
        step, graph = session.step(index), session.autograd_graph(session.step(index))
        assert graph.step == index
        assert torch.equal(gradient(graph.node_of("ŷ")), step.torch.dloss_dpred.unsqueeze(1))
        assert gradient(graph.node_of("b")).item() == step.torch.grad_b
        assert gradient(graph.node_of("w")).item() == step.torch.grad_w
        assert gradient(graph.node_of("L")).item() == 1.0
        assert {str(gradient(node).dtype) for node in graph.nodes} == {f"torch.{dtype}"}


def test_the_gradients_are_those_of_numpy() -> None:
    session = trained(small(), 6)
    step, graph = session.step(5), session.autograd_graph(session.step(5))
    x, y = step.x.numpy(), step.y.numpy()
    signal = 2 * (step.torch.b_before + step.torch.w_before * x - y) / len(x)
    np.testing.assert_allclose(gradient(graph.node_of("ŷ")).numpy()[:, 0], signal, rtol=1e-12)
    assert gradient(graph.node_of("b")).item() == pytest.approx(signal.sum(), rel=1e-12)
    assert gradient(graph.node_of("w")).item() == pytest.approx((signal * x).sum(), rel=1e-12)
    between = [node for node in graph.nodes if not node.of]
    assert [node.leaves for node in between] == [{"w"}]
    assert gradient(between[0]).item() == pytest.approx((signal * x).sum(), rel=1e-12)


def test_it_is_the_graph_of_the_same_layers() -> None:
    model = TorchLinearRegression()
    loss = model.loss(model(torch.ones(3, 1, dtype=torch.float64)), torch.zeros(3, 1, dtype=torch.float64))
    session = trained(small(), 1)
    graph = session.autograd_graph(session.step(0))
    assert names(graph) == own_names(loss.grad_fn)
    assert {node.of: node.name for node in graph.nodes if node.of in "bw" and node.of} == dict.fromkeys(
        "bw", "AccumulateGrad"
    )
    with pytest.raises(KeyError):
        graph.node_of("x")


def test_looking_changes_nothing_of_the_run() -> None:
    looked, plain = small(), trained(small(), 12)
    for index in range(12):
        looked.train_to(index + 1)
        looked.autograd_graph(looked.step(index // 2))
    assert np.array_equal(looked.timeline.rows(0, 12), plain.timeline.rows(0, 12))


def test_a_step_tried_beside_the_run_has_a_graph_of_its_own() -> None:
    session = trained(small(), 5)
    step = trial_step(session, 3.0, -2.0, 3)
    graph = session.autograd_graph(step)
    assert torch.equal(gradient(graph.node_of("ŷ")), step.torch.dloss_dpred.unsqueeze(1))
    assert gradient(graph.node_of("w")).item() == step.torch.grad_w
    assert step.torch.grad_w != session.step(3).torch.grad_w


def test_other_numbers_than_in_training_are_no_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    session = trained(small(), 3)
    step = session.step(1)
    monkeypatch.setattr(TorchLinearRegression, "forward", lambda self, x: self.layer(x) + 1)
    with pytest.raises(ReplayError, match="step 2 cannot be shown again"):
        session.autograd_graph(step)

"""The computation graph with a step's own numbers: against NumPy, for every sample and for the batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine_helpers import small, trained
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Step
from tui_linreg.study.graph import Graph, Number, graph_of


def numbers(graph: Graph) -> dict[str, Number]:
    """All numbers: values by their nodes' keys, derivatives by their nodes' keys with a d before."""
    found = {key: node.forward for key, node in graph.nodes.items()}
    return found | {f"d{key}": node.slope for key, node in graph.nodes.items() if node.slope is not None}


def expected(step: Step, row: int) -> dict[str, float]:
    """NumPy's account of one sample, from b and w before the step."""
    x, y = step.x.double().numpy(), step.y.double().numpy()
    b, w, m = step.scratch.b_before, step.scratch.w_before, len(x)
    e = b + w * x - y
    signal = 2 * e[row] / m
    return {
        "x": x[row], "y": y[row], "b": b, "w": w, "wx": w * x[row], "y_pred": b + w * x[row], "e": e[row],
        "square": e[row] ** 2, "loss": (e**2).mean(), "dloss": 1.0, "dsquare": 1 / m, "de": signal, "dy_pred": signal,
        "dwx": signal, "db": signal, "dw": signal * x[row],
    }  # fmt: skip


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 10**6), single=st.booleans(), size=st.integers(1, 9), index=st.integers(0, 5))
def test_of_one_sample_and_of_the_batch(seed: int, single: bool, size: int, index: int) -> None:
    session = trained(small(seed=seed, dtype="float32" if single else "float64", batch_size=size), 6)
    step = session.step(index)
    close = 2e-4 if single else 1e-11
    for row in {0, step.place.m // 2, step.place.m - 1}:
        graph = graph_of(step, row)
        for key, value in expected(step, row).items():
            scale = max(abs(v) for v in expected(step, row).values())
            assert numbers(graph)[key].value == pytest.approx(value, rel=close, abs=close * scale), key
            assert numbers(graph)[key].length is None
    whole, first = numbers(graph_of(step, None)), numbers(graph_of(step, 0))
    for key, number in whole.items():
        if key in ("db", "dw"):
            assert number.value == getattr(step.scratch, f"grad_{key[1]}")
        else:
            assert number.value == first[key].value
        assert number.length == (None if key in ("b", "w", "loss", "dloss", "db", "dw") else step.place.m)


def test_the_terms_add_up_to_the_gradients() -> None:
    step = trained(small(), 4).step(3)
    graphs = [graph_of(step, row) for row in range(step.place.m)]
    for key, grad, (name, total) in zip("bw", (step.scratch.grad_b, step.scratch.grad_w), graphs[0].sums, strict=True):
        terms = [numbers(graph)[f"d{key}"].value for graph in graphs]
        assert name == f"∂L/∂{key}"
        assert total.value == grad == pytest.approx(np.sum(terms), rel=1e-12)


def test_the_phases_go_forward_and_then_back() -> None:
    phases = {key: number.phase for key, number in numbers(graph_of(trained(small(), 1).step(0), None)).items()}
    assert {key for key, phase in phases.items() if phase is Phase.BATCH} == {"x", "y", "b", "w"}
    assert {key for key, phase in phases.items() if phase is Phase.PREDICT} == {"wx", "y_pred"}
    assert {key for key, phase in phases.items() if phase is Phase.LOSS} == {"e", "square", "loss"}
    assert {key for key, phase in phases.items() if phase is Phase.ERROR_SIGNAL} == {
        "dloss",
        "dsquare",
        "de",
        "dy_pred",
    }
    assert [phases["db"], phases["dwx"], phases["dw"]] == [Phase.BIAS_GRADIENT, *[Phase.WEIGHT_GRADIENT] * 2]


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_what_a_mistake_makes_wrong_does_not_follow(name: str) -> None:
    session = trained(small(mistake=name), 5)
    first = MISTAKES[name].first_step(session.schedule)
    assert first is not None
    graph = graph_of(session.step(first), None)
    keys = {"loss": "loss", "dloss_dpred": "de", "grad_b": "db", "grad_w": "dw"}
    wrong = {key for key, number in numbers(graph).items() if not graph.follows(number)}
    # What is computed rightly from something wrong follows: the first of a mistake's quantities of each kind do not.
    assert keys[MISTAKES[name].shows_in[0]] in wrong
    assert wrong <= {keys[each] for each in MISTAKES[name].shows_in if each in keys}


def test_of_a_right_model_everything_follows_and_of_one_wrong_row_that_row() -> None:
    step = trained(small(), 3).step(2)
    for row in (None, *range(step.place.m)):
        graph = graph_of(step, row)
        assert all(map(graph.follows, (*numbers(graph).values(), *(number for _, number in graph.sums))))
    signal = step.scratch.dloss_dpred.clone()
    signal[1] *= 1.5
    step = replace(step, scratch=replace(step.scratch, dloss_dpred=signal))
    found = [graph_of(step, row).follows(numbers(graph_of(step, row))["de"]) for row in (None, 0, 1, 2)]
    assert found == [False, True, False, True]


def test_a_sample_that_is_not_there() -> None:
    step = trained(small(), 1).step(0)
    for row in (-1, step.place.m):
        with pytest.raises(IndexError, match="the batch has"):
            graph_of(step, row)

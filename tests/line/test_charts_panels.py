"""Charts and instruments in sentences, against the numbers that they are of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from line_helpers import Talk, audible, read, told
from numpy.typing import NDArray

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.training.history import Curve
from tui_linreg.line.charts import CHARTS, course
from tui_linreg.line.panels import PANELS
from tui_linreg.line.words import number


def curve(*values: float) -> Curve:
    return Curve(np.arange(len(values)), np.array(values, dtype=float))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((), "Loss: nothing computed yet."),
        ((3.0,), "Loss: 3 at step 1."),
        ((1206.0, 500.0, 178.0), "Loss: falls from 1206 to 178, lowest at step 3."),
        ((3.0, 1.0, 2.0), "Loss: falls from 3 to 2, lowest at step 2, with 1."),
        ((1.0, 5.0, 2.0), "Loss: rises from 1 to 2, highest at step 2, with 5."),
        ((1.0, 3.0), "Loss: rises from 1 to 3."),
        ((2.0, 2.0, 2.0), "Loss: stays at 2 from step 1 to 3."),
        ((2.0, 9.0, float("inf")), "Loss: rises from 2 to 9, then no longer finite."),
        ((float("nan"),), "Loss: no finite value."),
    ],
)
def test_a_curve_in_a_sentence(values: tuple[float, ...], words: str) -> None:
    assert course("Loss", curve(*values), 5) == words


@given(arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e6, 1e6)))
def test_the_sentence_of_a_curve_has_its_ends_and_its_lowest(values: NDArray[np.float64]) -> None:
    said = course("Loss", curve(*values), 17)
    assert audible(said)
    if values.min() == values.max():
        assert said.startswith("Loss: stays at ")
        return
    way, rest = said.removeprefix("Loss: ").removesuffix(".").split(" from ")
    first, last = rest.split(", ")[0].split(" to ", 1) if "times" not in rest else (None, None)
    if first is not None and last is not None:
        assert (read(first), read(last)) == (values[0], values[-1])
    assert way == ("falls" if values[-1] < values[0] else "rises" if values[-1] > values[0] else "goes")
    low = int(values.argmin())
    assert (f"lowest at step {low + 1}" in said) == (low != 0)


def test_the_charts_are_told_from_the_runs_numbers() -> None:
    talk = Talk(digits=17)
    talk.say("go 9")
    session, step = talk.session, talk.session.step(8)
    residual = (step.scratch.y_pred - step.y).numpy()
    lines = talk.say("chart residuals")
    assert lines[2] == f"Samples above the line: {(residual < 0).sum()}, below it: {(residual > 0).sum()}."
    row = int(np.abs(residual).argmax())
    assert lines[3].startswith(f"Farthest: row {row + 1}, ")
    lines = talk.say("chart parameters")
    text, weights = " ".join(lines), session.timeline.weights(0)
    assert f"w: rises from {number(weights[0], 17)} to {number(weights[9], 17)}." in text
    x, y = (v.numpy() for v in (session.dataset.x_train, session.dataset.y_train))
    w, b = np.polyfit(x, y, 1)
    lines = talk.say("chart surface")
    assert told(lines, "Loss of all train samples here") == pytest.approx(
        float(np.mean((step.scratch.b_after + step.scratch.w_after * x - y) ** 2))
    )
    lines = talk.say("panel landing")
    assert float(lines[1].split("b is ")[1].split(",")[0]) == pytest.approx(b)
    assert f"w is {w:.6g}"[:9] in " ".join(lines)


def test_the_learning_rates_numbers_are_the_instruments() -> None:
    talk = Talk(digits=17)
    instruments = Instruments(talk.session)
    lines = talk.say("panel learning")
    assert told(lines, "Edge, the smallest that diverges with these batches") == instruments.edge()
    assert told(lines, "Spectral radius of an epoch") == instruments.learning_rate(0).spectral_radius


def test_the_epochs_losses_are_the_logs() -> None:
    talk = Talk(digits=17)
    talk.say("go 9")
    log = talk.session.epoch_log(0)
    lines = talk.say("panel epoch")
    for epoch in log:
        assert told(lines, f"Epoch {epoch.epoch + 1}, mean of the batches") == epoch.mse
        assert told(lines, f"Epoch {epoch.epoch + 1}, validation") == pytest.approx(epoch.mse_v)


def test_bits_count_those_that_differ() -> None:
    talk = Talk()
    talk.say("go 1 7")
    ours, theirs = (side.w_after for side in (talk.session.step(0).scratch, talk.session.step(0).torch))
    apart = int(np.float64(ours).view(np.int64) ^ np.float64(theirs).view(np.int64)).bit_count()
    text = talk.text("panel bits")
    assert f"New w: {apart} bit{'s' * (apart != 1)} of 64 differ" in text
    assert np.float64(ours).view(np.uint64).item().to_bytes(8, "big").hex() in text


def test_the_gradient_check_has_three_witnesses() -> None:
    talk = Talk(digits=17)
    talk.say("go 2 5")
    lines = talk.say("panel gradient")
    witnesses = [told(lines, f"Gradient of b, {name}") for name in ("by hand", "autograd", "central difference")]
    assert witnesses == pytest.approx([talk.session.step(1).scratch.grad_b] * 3)
    assert lines[-1] == "Gradient of w: not computed yet, that is phase 6."


@pytest.mark.parametrize("name", [*(c.name for c in CHARTS), *(str(c.number) for c in CHARTS)])
def test_every_chart_is_told_at_every_phase(name: str) -> None:
    talk = Talk()
    for phase in range(1, 8):
        talk.say(f"go 2 {phase}")
        assert len(talk.say(f"chart {name}")) > 1


@pytest.mark.parametrize("name", [panel.spoken for panel in PANELS])
def test_every_panel_is_told_at_every_phase(name: str) -> None:
    talk = Talk()
    for phase in range(1, 8):
        talk.say(f"go 6 {phase}")
        assert len(talk.say(f"panel {name}")) > 1


def test_autograds_graph_hands_on_from_the_loss() -> None:
    talk = Talk()
    talk.say("go 1")
    lines = talk.say("chart autograd")
    assert lines[2].startswith("Node 1: MseLossBackward0, of L, given 1")
    assert lines[-1] == "Reached: 2 parameters."


def test_a_chart_may_be_named_in_the_plural() -> None:
    assert Talk().say("chart losses")[0] == "Chart 2, loss."

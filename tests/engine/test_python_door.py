"""The engine from Python: NumPy's values, paths, code that has switched autograd off, and what is said of dtypes."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from engine_helpers import trained

from tui_linreg.engine import InputError, RunConfig, Session, SimpleLinearRegression, TorchLinearRegression
from tui_linreg.engine.analysis.instruments import Instruments


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint32])
def test_numpys_whole_numbers_are_numbers(kind: Callable[[int], Any]) -> None:
    config = RunConfig(seed=kind(7), epochs=kind(3), batch_size=kind(5), train_size=kind(50))
    assert config == RunConfig(seed=7, epochs=3, batch_size=5, train_size=50)
    assert json.loads(json.dumps(config.as_json()))["epochs"] == 3
    assert type(config.epochs) is int


def test_other_values_of_numpy_torch_and_paths() -> None:
    given: dict[str, Any] = {
        "lr": np.float32(0.5), "noise": np.float64(2), "shuffle": np.bool_(True), "start": np.array([1.0, -0.5]),
        "samples": torch.tensor(300),
    }  # fmt: skip
    config = RunConfig(**given)
    assert config == RunConfig(lr=0.5, noise=2.0, shuffle=True, start=(1.0, -0.5), samples=300)
    assert RunConfig(start=(np.int64(1), np.float32(2))) == RunConfig(start=(1.0, 2.0))  # type: ignore[arg-type]
    path = Path("folder") / "a.csv"
    assert RunConfig(data=path).data == str(path)  # type: ignore[arg-type]
    assert RunConfig(data=path) == RunConfig(data=str(path))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("field", "value"),
    [("epochs", np.float64(3)), ("epochs", np.array([1, 2])), ("lr", np.nan), ("lr", np.bool_(True)),
     ("epochs", np.int64(0)), ("data", 3), ("start", np.array([1.0]))],
)  # fmt: skip
def test_what_is_wrong_stays_wrong(field: str, value: Any) -> None:
    with pytest.raises(InputError) as caught:
        RunConfig(**{field: value})
    assert caught.value.field == field
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("off", [torch.no_grad, torch.inference_mode])
def test_a_session_trains_where_autograd_is_off(off: Callable[[], AbstractContextManager[object]]) -> None:
    wanted = trained(Session(RunConfig(dataset="tiny")))
    with off():
        found = trained(Session(RunConfig(dataset="tiny")))
        steps = [found.step(index) for index in range(found.trained)]
        check = Instruments(found).gradient_check(steps[5])
        again = Session(RunConfig(dataset="tiny"))
        walked = list(again.walk())
        again.restart()
        again.train_to(3)
        assert not torch.is_grad_enabled()
    for step, other, third in zip(steps, (wanted.step(i) for i in range(wanted.trained)), walked, strict=True):
        assert (step.scratch.b_after, step.torch.w_after) == (other.scratch.b_after, other.torch.w_after)
        assert step.torch.grad_w == other.torch.grad_w == third.torch.grad_w
    assert check.w.autograd == steps[5].torch.grad_w
    assert again.step(2).torch.w_after == wanted.step(2).torch.w_after
    found.step(1)  # made there, used outside
    found.restart()
    found.train_to(2)


def test_fit_trains_where_autograd_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    x = torch.arange(6.0, dtype=torch.float64)
    for model, columns in (
        (SimpleLinearRegression(), (x, 2 * x)),
        (TorchLinearRegression(), (x[:, None], 2 * x[:, None])),
    ):
        with torch.no_grad():
            model.fit(*columns, 50, 0.01, 2, *columns)
        losses = [float(line.rpartition("MSE_v: ")[2]) for line in capsys.readouterr().out.splitlines()]
        assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize("model", [SimpleLinearRegression, TorchLinearRegression])
def test_fit_names_the_dtypes_that_differ(model: Callable[..., Any]) -> None:
    x = torch.arange(6.0, dtype=torch.float64)
    shape = (6,) if model is SimpleLinearRegression else (6, 1)
    wide, narrow = x.reshape(shape), x.float().reshape(shape)
    cases = {
        (
            wide,
            narrow,
            wide,
            wide,
        ): "the model holds torch.float64, but of the data y torch.float32: use y.to(torch.float64)",
        (wide, narrow, wide, narrow): "but of the data y torch.float32, y_valid torch.float32: use y.to(torch.float64)",
        (narrow, narrow, narrow, narrow): "the data torch.float32: give the model dtype=torch.float32",
    }
    for (a, b, c, d), said in cases.items():
        with pytest.raises(ValueError, match=r"the model holds torch.float64") as caught:
            model().fit(a, b, 1, 0.01, 2, c, d)
        assert said in str(caught.value)
    model(dtype=torch.float32).fit(narrow, narrow, 1, 0.01, 2, narrow, narrow)

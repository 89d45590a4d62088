"""Two runs at once: their differences at a step, the other run's name, and what may be drawn together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from engine_helpers import line_data, on_data, small, trained

from tui_linreg.engine.analysis.run_difference import describe_difference, run_difference, same_samples, same_train_set
from tui_linreg.engine.config import RunConfig

KEYS = ["loss", "grad_b", "grad_w", "b", "w", "torch_b", "torch_w"]


def test_differences_are_those_of_the_two_steps() -> None:
    run, kept = trained(small(epochs=2)), trained(small(epochs=2, lr=0.1, batch_size=10))
    for index in (0, 3, 7):
        a, b = run.step(index), kept.step(index)
        found = run_difference(a, kept.timeline)
        assert [row.key for row in found] == KEYS
        sides = [
            [ours.loss, ours.grad_b, ours.grad_w, ours.b_after, ours.w_after, torch.b_after, torch.w_after]
            for ours, torch in ((a.scratch, a.torch), (b.scratch, b.torch))
        ]
        assert [row.ours for row in found] == sides[0]
        assert [row.theirs for row in found] == sides[1]
        assert [row.difference for row in found] == (np.array(sides[0]) - np.array(sides[1])).tolist()
        assert found[4].difference != 0


def test_a_run_that_is_shorter_or_not_trained_so_far_has_no_numbers() -> None:
    ours = trained(small(epochs=2))
    theirs = trained(small(epochs=2, lr=0.1), 3)
    assert all(row.theirs is not None for row in run_difference(ours.step(2), theirs.timeline))
    found = run_difference(ours.step(3), theirs.timeline)
    assert [(row.theirs, row.difference) for row in found] == [(None, None)] * 7
    assert found[0].ours == ours.step(3).scratch.loss


def test_a_diverged_run_gives_inf_and_nan() -> None:
    x, y = line_data(0, 20)
    ours, theirs = trained(on_data(x, y)), trained(on_data(x, y, lr=1e300))
    found = run_difference(ours.step(9), theirs.timeline)[0]
    assert found.theirs is not None
    assert not math.isfinite(found.theirs)
    assert found.difference is not None
    assert not math.isfinite(found.difference)


def configs(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[RunConfig, RunConfig]:
    return RunConfig(**ours), RunConfig(**theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "name"),
    [
        ({}, {}, "same run"),
        ({}, {"dataset": "make_regression"}, "same run"),
        ({}, {"lr": 0.1}, "η 0.1"),
        ({"lr": 0.1}, {"lr": 1.0}, "η 1"),
        ({}, {"lr": 1e-300}, "η 1e-300"),
        ({}, {"batch_size": 10, "lr": 0.5}, "η 0.5 · B 10"),
        ({"batch_size": 10}, {}, "default batch size"),
        ({}, {"dtype": "float32", "seed": 3}, "seed 3 · float32"),
        ({"dtype": "float32"}, {}, "float64"),
        ({}, {"shuffle": True, "standardize": True}, "shuffled · standardized"),
        ({"shuffle": True}, {}, "not shuffled"),
        ({}, {"dataset": "diabetes"}, "diabetes"),
        ({"dataset": "diabetes"}, {"dataset": "diabetes", "x": "bp"}, "x bp"),
        ({"dataset": "diabetes", "x": "bp"}, {"dataset": "diabetes"}, "x by default"),
        ({"data": "/a/b.csv"}, {}, "make_regression"),
        ({}, {"data": "/a/b.csv", "epochs": 2}, "b.csv · 2 epochs"),
        ({}, {"samples": 300, "noise": 5.5, "train_size": 50}, "300 samples · train 50 · noise 5.5"),
        ({}, {"device": "cpu"}, "cpu"),
    ],
)
def test_a_kept_run_is_named_by_what_it_does_otherwise(ours: dict[str, Any], theirs: dict[str, Any], name: str) -> None:
    assert describe_difference(*configs(ours, theirs)) == name


def test_a_mistake_and_an_arithmetic_are_named() -> None:
    assert describe_difference(RunConfig(), RunConfig(mistake="sign")) == "sign"
    assert describe_difference(RunConfig(mistake="sign"), RunConfig()) == "no mistake"
    assert describe_difference(RunConfig(), RunConfig(arithmetic="kernel")) == "kernel arithmetic"


def test_text_from_outside_is_made_printable_and_short() -> None:
    ours, theirs = configs({}, {"data": "/tmp/\x1b[2J\n" + "n" * 200 + ".csv", "x": "a\rb"})
    name = describe_difference(ours, theirs)
    assert name.isprintable()
    assert len(name) < 50
    assert name.endswith(" · x a\\rb")


@pytest.mark.parametrize(
    ("ours", "theirs", "samples", "train_set"),
    [
        ({}, {"lr": 0.1, "batch_size": 3, "epochs": 2, "dtype": "float32", "device": "cpu"}, True, True),
        ({}, {"dataset": "make_regression", "train_size": 100}, True, True),
        ({}, {"train_size": 50}, True, False),
        ({}, {"shuffle": True}, True, False),
        ({"shuffle": True}, {"shuffle": True}, True, True),
        ({}, {"seed": 1}, False, False),
        ({}, {"noise": 2.0}, False, False),
        ({}, {"samples": 200}, False, False),
        ({}, {"standardize": True}, False, False),
        ({"standardize": True}, {"standardize": True, "train_size": 50}, False, False),
        ({"standardize": True}, {"standardize": True, "shuffle": True}, False, False),
        ({"standardize": True}, {"standardize": True, "lr": 0.3}, True, True),
        ({}, {"dataset": "diabetes"}, False, False),
        ({"dataset": "diabetes"}, {"dataset": "diabetes", "x": "bmi", "seed": 4}, True, True),
        ({"dataset": "diabetes"}, {"dataset": "diabetes", "x": "bp"}, False, False),
        ({"dataset": "diabetes", "shuffle": True}, {"dataset": "diabetes", "shuffle": True, "seed": 4}, True, False),
        ({"data": "a.csv"}, {"data": "a.csv", "seed": 9}, True, True),
        ({"data": "a.csv"}, {"data": "b.csv"}, False, False),
        ({"data": "a.csv"}, {"data": "a.csv", "y": "2"}, False, False),
    ],
)
def test_which_runs_may_be_drawn_together(
    ours: dict[str, Any], theirs: dict[str, Any], samples: bool, train_set: bool
) -> None:
    a, b = configs(ours, theirs)
    assert (same_samples(a, b), same_samples(b, a)) == (samples, samples)
    assert (same_train_set(a, b), same_train_set(b, a)) == (train_set, train_set)


@pytest.mark.parametrize(
    "options",
    [{}, {"seed": 1}, {"noise": 2.0}, {"samples": 130}, {"standardize": True}, {"train_size": 60}, {"shuffle": True},
     {"shuffle": True, "seed": 1}, {"standardize": True, "train_size": 60}, {"lr": 0.1, "batch_size": 7}],
)  # fmt: skip
def test_what_is_said_of_the_train_set_is_true_of_the_data(options: dict[str, Any]) -> None:
    ours = small()
    theirs = small(**({"samples": 120} | options))
    x, y = (
        sorted(zip(data.x_train.tolist(), data.y_train.tolist(), strict=True))
        for data in (ours.dataset, theirs.dataset)
    )
    assert same_train_set(ours.config, theirs.config) == (x == y)

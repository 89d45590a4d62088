"""Counting the steps that are bit for bit the same, and torch's number of threads."""

from __future__ import annotations

import struct
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from engine_helpers import KEYS, small, trained

from tui_linreg.engine.analysis.identity import Identity, count_identity
from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.step import Side, Step
from tui_linreg.engine.training.session import Session


def same_bytes(step: Step, key: str) -> bool:
    """Whether a quantity is the same on both sides, by its bytes; every nan is one nan."""
    values = [value_of(side, key) for side in (step.scratch, step.torch)]
    return (np.nan_to_num(values[0], nan=1.25).tobytes() == np.nan_to_num(values[1], nan=1.25).tobytes()
            and bool((np.isnan(values[0]) == np.isnan(values[1])).all()))  # fmt: skip


def value_of(side: Side, key: str) -> npt.NDArray[Any]:
    named = {"b": side.b_after, "w": side.w_after}
    value = named[key] if key in named else getattr(side, key)
    return value.numpy() if isinstance(value, torch.Tensor) else np.array([value])


def counted_slowly(session: Session, steps: int) -> tuple[dict[str, int], int]:
    table = [{key: same_bytes(step, key) for key in KEYS} for step in map(session.step, range(steps))]
    return {key: sum(row[key] for row in table) for key in KEYS}, sum(all(row.values()) for row in table)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("options", [{}, {"arithmetic": "kernel"}, {"mistake": "no-x"}, {"lr": 1e30}])
def test_counts_are_those_of_the_bytes(options: dict[str, Any], dtype: str) -> None:
    session = trained(small(dtype=dtype, seed=4, **options))
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        found = count_identity(session)
    assert (dict(found.same), found.whole) == counted_slowly(session, session.trained)
    assert found.steps == session.trained
    assert list(found.same) == list(KEYS)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("mistake", [None, "double-mean", "no-zero-grad"])
def test_the_first_difference_is_told_with_its_bits(mistake: str | None, dtype: str) -> None:
    session = trained(small(dtype=dtype, mistake=mistake, seed=2))
    first = count_identity(session).first
    assert first is not None
    assert all(same_bytes(session.step(index), key) for index in range(first.step) for key in KEYS)
    step = session.step(first.step)
    assert first.key == next(key for key in KEYS if not same_bytes(step, key))
    ours, theirs = (value_of(side, first.key) for side in (step.scratch, step.torch))
    assert (first.row is None) is (first.key not in ("y_pred", "dloss_dpred"))
    row = first.row or 0
    assert ours[:row].tobytes() == theirs[:row].tobytes()
    assert (first.ours, first.theirs) == (float(ours[row]), float(theirs[row]))
    kind = ">f" if dtype == "float32" else ">d"
    expected = tuple("0x" + struct.pack(kind, float(value)).hex() for value in (ours[row], theirs[row]))
    assert tuple(bits.hex for bits in first.bits) == expected
    assert expected[0] != expected[1]


def test_it_reports_and_keeps_what_was_counted_before_a_cancel(monkeypatch: pytest.MonkeyPatch) -> None:
    session = trained(small(epochs=4))
    reports: list[tuple[int, int]] = []
    count_identity(session, progress=lambda done, goal: reports.append((done, goal)))
    assert (reports[0], reports[-1]) == ((0, 16), (16, 16))
    assert count_identity(session, cancelled=lambda: True) == Identity(0, dict.fromkeys(KEYS, 0), 0, None)
    monkeypatch.setattr("tui_linreg.engine.progress.EVERY", 0.0)
    answers = iter([False] * 7 + [True])
    found = count_identity(session, cancelled=lambda: next(answers))
    assert found.steps == 7
    assert (dict(found.same), found.whole) == counted_slowly(session, 7)


def test_the_number_of_threads_holds_for_a_block_only() -> None:
    before = torch.get_num_threads()
    other = before + 1
    with number_of_threads(other):
        assert torch.get_num_threads() == other
        with number_of_threads(1):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == other
    assert torch.get_num_threads() == before

    def fails() -> None:
        with number_of_threads(other):
            raise KeyError("x")

    with pytest.raises(KeyError):
        fails()
    assert torch.get_num_threads() == before
    with pytest.raises(ValueError, match="at least 1"), number_of_threads(0):
        pass
    assert torch.get_num_threads() == before

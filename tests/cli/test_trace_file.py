"""The trace: its records are the steps, exactly, and a failure leaves the older file."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import QUANTITIES
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.session import Session
from tui_linreg.plain_text import json_text
from tui_linreg.trace_file import check_trace_path, write_trace

PLACE = ["step", "epoch", "batch", "start", "stop"]
SIDE = ["loss", "grad_b", "grad_w", "b_before", "w_before", "b_after", "w_after"]
SCALARS = [*PLACE, "lr", *(f"scratch_{name}" for name in SIDE), *(f"torch_{name}" for name in SIDE)]
VECTORS = ["x", "y", "scratch_y_pred", "scratch_dloss_dpred", "torch_y_pred", "torch_dloss_dpred"]
VERDICTS = [f"verdict_{name}" for name in ("y_pred", "loss", "dloss_dpred", "grad_b", "grad_w", "b", "w")]


def trained(**options: object) -> Session:
    session = Session(RunConfig(**{"epochs": 2, "samples": 200} | options))  # type: ignore[arg-type]
    session.train_to(session.schedule.steps)
    return session


@pytest.fixture(scope="module", params=["float64", "float32"])
def session(request: pytest.FixtureRequest) -> Session:
    return trained(dtype=request.param)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Path]:
    """A file that is to be replaced, and a check that nothing is left beside it."""
    path = tmp_path / "t.csv"
    path.write_text("old\n")
    yield path
    assert list(tmp_path.iterdir()) == [path]


def rows_of(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.reader(handle))


@pytest.mark.parametrize("verdicts", [False, True])
def test_csv_records_are_the_steps(session: Session, tmp_path: Path, verdicts: bool) -> None:
    path = tmp_path / "t.CSV"
    assert write_trace(session, path, verdicts=verdicts)
    header, *rows = rows_of(path)
    assert header == SCALARS + (VERDICTS if verdicts else [])
    assert len(rows) == session.trained == 8
    for index, row in enumerate(rows):
        step, cells = session.step(index), dict(zip(header, row, strict=True))
        assert [int(cells[name]) for name in PLACE] == [getattr(step.place, name) for name in PLACE]
        assert float(cells["lr"]) == step.lr == session.config.lr
        for prefix, side in (("scratch", step.scratch), ("torch", step.torch)):
            for name in SIDE:
                value = getattr(side, name)
                assert cells[f"{prefix}_{name}"] == repr(value)
                assert float(cells[f"{prefix}_{name}"]) == value
                assert torch.tensor(value, dtype=session.dtype).item() == value
        if verdicts:
            assert [cells[f"verdict_{q.key}"] for q in QUANTITIES] == [
                step.comparisons[q.key].verdict.word for q in QUANTITIES
            ]
    assert b"\r" not in path.read_bytes()
    assert (int(rows[3][3]), int(rows[3][4])) == (99, 100)


@pytest.mark.parametrize("verdicts", [False, True])
def test_jsonl_adds_the_vectors_exactly(session: Session, tmp_path: Path, verdicts: bool) -> None:
    path = tmp_path / "t.jsonl"
    assert write_trace(session, path, verdicts=verdicts)
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(records) == session.trained
    for index, record in enumerate(records):
        step = session.step(index)
        assert list(record) == SCALARS + VECTORS + (VERDICTS if verdicts else [])
        assert record["scratch_grad_w"] == step.scratch.grad_w
        for name, tensor in zip(
            VECTORS,
            (step.x, step.y, step.scratch.y_pred, step.scratch.dloss_dpred, step.torch.y_pred, step.torch.dloss_dpred),
            strict=True,
        ):
            assert torch.equal(torch.tensor(record[name], dtype=session.dtype), tensor.cpu())


def test_every_record_has_the_rate_of_its_step(tmp_path: Path) -> None:
    write_trace(trained(lr="0.3@1,0.05@4,1e-3@8"), tmp_path / "t.csv")
    header, *rows = rows_of(tmp_path / "t.csv")
    assert [row[header.index("lr")] for row in rows] == ["0.3"] * 3 + ["0.05"] * 4 + ["0.001"]


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    session = trained(lr=1e308, epochs=1)
    for name in ("t.csv", "t.jsonl"):
        write_trace(session, tmp_path / name, verdicts=True)
    last = json.loads((tmp_path / "t.jsonl").read_text().splitlines()[-1])
    assert last["scratch_b_after"] == "NaN"
    assert set(last["scratch_y_pred"]) <= {"NaN", "Infinity", "-Infinity"}
    header, *rows = rows_of(tmp_path / "t.csv")
    assert rows[-1][header.index("scratch_b_after")] == "nan"
    assert json_text({"a": (math.inf, [-math.inf, math.nan, 0.1])}) == '{"a": ["Infinity", ["-Infinity", "NaN", 0.1]]}'


def test_the_first_steps_only(session: Session, tmp_path: Path) -> None:
    write_trace(session, tmp_path / "t.csv", steps=3)
    assert len(rows_of(tmp_path / "t.csv")) == 4
    write_trace(session, tmp_path / "none.csv", steps=0)
    assert rows_of(tmp_path / "none.csv") == [SCALARS]
    for steps in (-1, 9):
        with pytest.raises(ValueError, match="must be from 0 to 8"):
            write_trace(session, tmp_path / "not.csv", steps=steps)
    assert not (tmp_path / "not.csv").exists()


def test_a_step_that_was_planted_wrong_says_differs(tmp_path: Path) -> None:
    from tui_linreg.engine.models.scratch import SimpleLinearRegression

    class Doubled(SimpleLinearRegression):
        def bias_gradient(self, dloss_dpred: torch.Tensor) -> torch.Tensor:
            return super().bias_gradient(dloss_dpred) * 2

    session = Session(RunConfig(epochs=1), scratch_type=Doubled)
    session.train_to(1)
    write_trace(session, tmp_path / "t.csv", verdicts=True)
    header, row = rows_of(tmp_path / "t.csv")
    cells = dict(zip(header, row, strict=True))
    assert (cells["verdict_grad_b"], cells["verdict_b"]) == ("differs", "differs")
    assert cells["verdict_grad_w"] in ("identical", "rounding")


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    session = trained(batch_size=2)
    seen: list[tuple[int, int]] = []
    write_trace(session, tmp_path / "t.csv", progress=lambda done, goal: seen.append((done, goal)))
    assert seen[0] == (0, 100)
    assert seen[-1] == (100, 100)
    assert seen == sorted(seen)


def test_a_failure_in_the_middle_keeps_the_old_file(
    session: Session, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session.walk

    def fail_later(start: int, stop: int) -> Iterator[Step]:
        yield from real(start, 5)
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "walk", fail_later)
    with pytest.raises(KeyboardInterrupt):
        write_trace(session, old)
    assert old.read_text() == "old\n"


@pytest.mark.parametrize("asked", [1, 2])
def test_a_cancelled_one_keeps_the_old_file(session: Session, old: Path, asked: int) -> None:
    answers = iter([False, True] if asked == 2 else [True])
    assert not write_trace(session, old, cancelled=lambda: next(answers))
    assert old.read_text() == "old\n"


@pytest.mark.parametrize("name", ["t.txt", "t", ".csv", "t.csv.gz", "csv", "t.jsonl ", ""])
def test_another_ending_is_refused(session: Session, tmp_path: Path, name: str) -> None:
    for call in (lambda path: write_trace(session, path), check_trace_path):
        with pytest.raises(InputError, match=r"needs a file name that ends in \.csv or \.jsonl") as caught:
            call(tmp_path / name)
        assert caught.value.field == "out"
    assert not list(tmp_path.iterdir())


def test_the_path_is_checked_without_leaving_a_file(session: Session, tmp_path: Path) -> None:
    check_trace_path(tmp_path / "t.jsonl")
    for call in (lambda path: write_trace(session, path), check_trace_path):
        with pytest.raises(InputError, match="its folder does not exist"):
            call(tmp_path / "none" / "t.jsonl")
    assert not list(tmp_path.iterdir())

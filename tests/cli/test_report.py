"""`report`: the object's keys, and its numbers beside NumPy's own."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from cli_helpers import Run, assert_refused
from sklearn.datasets import make_regression
from wrong_numpy import descent

from tui_linreg.engine.device import computed_by

KEYS = ("y_pred", "loss", "dloss_dpred", "grad_b", "grad_w", "b", "w")


def asked(run: Run, *options: str) -> Any:
    result = run("report", "--json", *options)
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    return json.loads(result.out)


def test_json_has_these_keys(run: Run) -> None:
    found = asked(run, "--epochs", "3")
    assert list(found) == [
        "computed_by",
        "learning_rate",
        "start",
        "landing",
        "epoch_loss",
        "gradient_check",
        "identity",
    ]
    assert found["computed_by"] == computed_by(torch.get_num_threads())
    assert list(found["learning_rate"]) == [
        "eta", "eta_max", "eta_best", "condition_number", "spectral_radius", "outcome", "first_step", "eta_edge",
    ]  # fmt: skip
    assert list(found["landing"]) == ["least_squares", "fixed_point", "current"]
    assert {tuple(spot) for spot in found["landing"].values()} == {("b", "w", "loss")}
    assert [tuple(row) for row in found["epoch_loss"]] == [("epoch", "notebook", "weighted", "end", "valid")] * 3
    assert list(found["gradient_check"]) == ["step", "hand", "autograd", "central"]
    assert tuple(found["identity"]) == ("steps", *KEYS)


def test_numbers_are_those_of_numpy(run: Run) -> None:
    found, log = asked(run, "--lr", "0.1"), json.loads(run("train", "--json", "--lr", "0.1").out)
    true = random.Random(0).random()
    x, y = make_regression(10_100, n_features=1, n_targets=1, bias=true, noise=1.0, random_state=0)
    (x, rest), (y, targets) = np.split(x[:, 0], [100]), np.split(y, [100])
    hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
    least, most = np.linalg.eigvalsh(hessian)
    rate = found["learning_rate"]
    assert rate["eta"] == 0.1
    assert rate["eta_max"] == pytest.approx(2 / most, rel=1e-12)
    assert rate["eta_best"] == pytest.approx(2 / (least + most), rel=1e-12)
    assert rate["condition_number"] == pytest.approx(most / least, rel=1e-12)
    assert f"  edge, these batches          {rate['eta_edge']:.8g}\n" in run("report", "--lr", "0.1").out
    for part, grows in ((0.9999, False), (1.0001, True)):
        product = np.eye(2)
        for at in range(0, 100, 33):
            rows = np.stack([np.ones_like(x[at : at + 33]), x[at : at + 33]])
            product = (np.eye(2) - part * rate["eta_edge"] * 2 / rows.shape[1] * rows @ rows.T) @ product
        assert bool(abs(np.linalg.eigvals(product)).max() > 1) is grows
    matrix, move = np.eye(2), np.zeros(2)
    for at in range(0, 100, 33):
        xs, ys = x[at : at + 33], y[at : at + 33]
        rows = np.stack([np.ones_like(xs), xs])
        step = np.eye(2) - 0.1 * 2 / len(xs) * rows @ rows.T
        matrix, move = step @ matrix, step @ move + 0.1 * 2 / len(xs) * rows @ ys
    assert rate["spectral_radius"] == pytest.approx(abs(np.linalg.eigvals(matrix)).max(), rel=1e-12)
    assert rate["outcome"] == "converges"
    ends = {
        "least_squares": np.linalg.lstsq(np.stack([np.ones_like(x), x], axis=1), y, rcond=None)[0],
        "fixed_point": np.linalg.solve(np.eye(2) - matrix, move),
        "current": np.array([log["scratch"]["b"], log["scratch"]["w"]]),
    }
    for name, (b, w) in ends.items():
        spot = found["landing"][name]
        assert [spot["b"], spot["w"]] == pytest.approx([b, w], rel=1e-9)
        assert spot["loss"] == pytest.approx(((b + w * x - y) ** 2).mean(), rel=1e-12)
    epochs = log["scratch"]["epochs"]
    for row, said in zip(found["epoch_loss"], epochs, strict=True):
        assert (row["epoch"], row["notebook"], row["valid"]) == (said["epoch"], said["mse"], said["mse_v"])
    last = found["epoch_loss"][-1]
    assert last["end"] == found["landing"]["current"]["loss"]
    assert last["valid"] == pytest.approx(
        ((ends["current"] @ np.stack([np.ones_like(rest), rest]) - targets) ** 2).mean()
    )
    check = found["gradient_check"]
    assert check["step"] == 63
    for name in ("b", "w"):
        values = [check[witness][name] for witness in ("hand", "autograd", "central")]
        assert values == pytest.approx([values[0]] * 3, rel=1e-9)
    assert found["identity"]["steps"] == 64


def test_weighted_loss_counts_every_sample_once(run: Run) -> None:
    options = ("--epochs", "2", "--batch-size", "33", "--seed", "4")
    found = asked(run, *options)
    run("trace", *options, "--out", "t.jsonl")
    steps = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    for row in found["epoch_loss"]:
        own = [step for step in steps if step["epoch"] == row["epoch"]]
        total = sum(step["scratch_loss"] * (step["stop"] - step["start"]) for step in own)
        assert row["weighted"] == pytest.approx(total / 100, rel=1e-14)
    x, y = (np.concatenate([step[name] for step in steps[:4]]) for name in "xy")
    start = steps[0]["scratch_b_before"], steps[0]["scratch_w_before"]
    assert found["landing"]["current"]["w"] == pytest.approx(descent(x, y, start, 0.01, 33, 2, "").w, rel=1e-12)


def test_identity_counts_what_the_trace_says(run: Run) -> None:
    found = asked(run, "--epochs", "4")["identity"]
    run("trace", "--epochs", "4", "--out", "t.jsonl")
    steps = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    for key, field in (("loss", "loss"), ("grad_b", "grad_b"), ("b", "b_after"), ("dloss_dpred", "dloss_dpred")):
        assert found[key] == sum(step[f"scratch_{field}"] == step[f"torch_{field}"] for step in steps)


def test_all_kernel_forms_reach_identity_or_say_where_not(run: Run) -> None:
    found = asked(run, "--arithmetic", "kernel")["identity"]
    text = run("report", "--arithmetic", "kernel").out
    assert "kernel arithmetic" in text
    assert ("first difference" in text) == any(found[key] < 64 for key in KEYS)


def test_a_diverging_run_is_reported_whole(run: Run) -> None:
    result = run("report", "--json", "--lr", "5", "--epochs", "200")
    assert result.code == 0
    found = json.loads(result.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert found["learning_rate"]["outcome"] == "diverges"
    assert found["landing"]["current"]["b"] in ("NaN", "Infinity", "-Infinity")
    text = run("report", "--lr", "5", "--epochs", "200").out
    assert "diverges: in the long run an epoch multiplies distances by" in text
    assert "… 176 more; --json has all" in text


def test_a_mistake_shows_in_the_gradient_check(run: Run) -> None:
    result = run("report", "--mistake", "no-x", "--epochs", "2")
    line = next(line for line in result.out.splitlines() if line.startswith("  ∂L/∂w") and "." in line)
    assert line.endswith("probably wrong")
    assert "the models have parted" in result.out


def test_text_has_all_sections_in_columns(run: Run) -> None:
    out = run("report", "--dataset", "diabetes", "--standardize").out
    heads = [block.splitlines()[0].split("  ")[0] for block in out.split("\n\n")]
    assert heads == [
        "learning rate", "where it lands", "epoch losses", "gradient check, step 64",
        "steps of 64 that are the same to the last bit (notebook arithmetic, cpu, float64)",
    ]  # fmt: skip


def test_words_count_from_one_and_json_from_zero(run: Run) -> None:
    out, found = run("report", "--epochs", "2").out, asked(run, "--epochs", "2")
    assert "gradient check, step 8 " in out
    assert found["gradient_check"]["step"] == 7
    rows = out.split("\n\n")[2].splitlines()[1:3]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert [row["epoch"] for row in found["epoch_loss"]] == [0, 1]
    run("trace", "--epochs", "2", "--out", "t.jsonl")
    steps = [json.loads(line) for line in Path("t.jsonl").read_text().splitlines()]
    first = next(step for step in steps if step["scratch_dloss_dpred"] != step["torch_dloss_dpred"])
    pairs = zip(first["scratch_dloss_dpred"], first["torch_dloss_dpred"], strict=True)
    row = next(at for at, (ours, theirs) in enumerate(pairs) if ours != theirs)
    assert f"first difference: step {first['step'] + 1}, ∂L/∂ŷ, row {row + 1} of the batch" in out


def test_a_rate_that_changes_is_reported_as_it_is_after_the_run(run: Run) -> None:
    options = ("--lr", "0.3@1,0.05@6", "--start", "-1,2", "--epochs", "3")
    found, plain = asked(run, *options), asked(run, "--lr", "0.05", "--epochs", "3")
    assert (found["start"]["b"], found["start"]["w"]) == (-1, 2)
    assert (found["learning_rate"]["eta"], found["learning_rate"]["first_step"]) == (0.05, 5)
    assert found["learning_rate"] == plain["learning_rate"] | {"first_step": 5}
    assert found["landing"]["fixed_point"] == plain["landing"]["fixed_point"]
    text = run("report", *options).out.split("\n\n")
    for section in text[:2]:
        assert "  of the present learning rate: η 0.05 from step 6 on" in section.splitlines()
    config = json.loads(run("train", "--json", *options).out)["config"]
    assert (config["lr"], config["start"]) == ("0.3@1,0.05@6", [-1, 2])
    assert json.loads(run("train", "--json", "--lr", "0.3@1").out)["config"]["lr"] == 0.3


def test_bad_options_are_one_line(run: Run) -> None:
    assert_refused(run("report", "--arithmetic", "quick"), "--arithmetic")
    assert_refused(run("report", "--mistake", "typo"), "no-zero-grad")
    assert_refused(run("report", "--lr", "0"), "--lr '0': must be")

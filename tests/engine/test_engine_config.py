"""Options: what is taken, what is refused, and the one line it says then."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
import torch
from engine_helpers import small, trained

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.training.session import Session

# field, value, words that the message must hold: what was given, what is allowed
BAD_VALUES: list[tuple[str, Any, list[str]]] = [
    ("lr", 0.0, ["0.0", "above 0"]),
    ("lr", -0.1, ["-0.1", "above 0"]),
    ("lr", math.nan, ["nan", "finite"]),
    ("lr", math.inf, ["inf", "finite"]),
    ("lr", "0.1", ["0.1", "finite"]),
    ("lr", True, ["True", "finite"]),
    ("lr", None, ["None", "finite"]),
    ("lr", 10**400, ["finite"]),
    ("epochs", 0, ["0", "from 1"]),
    ("epochs", -3, ["-3", "from 1"]),
    ("epochs", 2.5, ["2.5", "whole"]),
    ("epochs", 10**9 + 1, ["1000000001", "1 000 000 000"]),
    ("epochs", True, ["True", "whole"]),
    ("epochs", 10**5000, ["whole"]),
    ("batch_size", 0, ["0", "from 1"]),
    ("batch_size", -1, ["-1", "from 1"]),
    ("batch_size", 33.0, ["33.0", "whole"]),
    ("samples", 0, ["0", "from 2"]),
    ("samples", -5, ["-5", "from 2"]),
    ("samples", 10**9, ["100 000 000"]),
    ("noise", -1.0, ["-1.0", "0 or more"]),
    ("noise", math.nan, ["nan", "finite"]),
    ("noise", math.inf, ["inf", "finite"]),
    ("train_size", 0, ["0", "from 1"]),
    ("train_size", -1, ["-1", "from 1"]),
    ("seed", -1, ["-1", "from 0"]),
    ("seed", 2**32, ["4294967296", "4294967295"]),
    ("seed", 1.0, ["1.0", "whole"]),
    ("device", "gpu", ["gpu", "cpu", "cuda", "mps", "auto"]),
    ("device", "cuda:", ["cuda:", "cuda:N"]),
    ("device", "", ["auto"]),
    ("device", None, ["auto"]),
    ("dtype", "float16", ["float16", "float64", "float32"]),
    ("dtype", torch.float64, ["float64 or float32"]),
    ("dataset", "iris", ["iris", "make_regression", "diabetes"]),
    ("dataset", "", ["make_regression", "diabetes"]),
    ("data", "", ["CSV"]),
    ("x", "", ["column"]),
    ("shuffle", 1, ["yes or no"]),
    ("no_header", 1, ["yes or no"]),
    ("drop_missing", "yes", ["yes or no"]),
    ("decimal", None, ["a point or a comma"]),
    ("decimal", ";", ["a point or a comma"]),
    *(("delimiter", value, ["comma, semicolon"]) for value in ("", "ab", "e", "1", ".", "-", '"', "\n", 1)),
    ("start", (1.0,), ["(1.0,)", "two finite"]),
    ("start", (1.0, math.nan), ["nan", "two finite"]),
    ("start", (math.inf, 0.0), ["inf", "two finite"]),
    ("start", (10**5000, 0.0), ["two finite"]),
    ("start", (True, 0.0), ["True", "two finite"]),
    ("start", "1,2", ["1,2", "two finite"]),
    ("start", 1.0, ["1.0", "two finite"]),
    ("standardize", "yes", ["yes or no"]),
]


def assert_says(error: InputError, field: str | None, words: list[str]) -> None:
    text = str(error)
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    assert len(text) < 400
    assert error.field == field
    if field is not None:
        assert text.startswith("--" + field.replace("_", "-"))
    assert all(word in text for word in words), text


@pytest.mark.parametrize(("field", "value", "words"), BAD_VALUES, ids=[case[0] for case in BAD_VALUES])
def test_a_bad_value_is_refused_in_one_line(field: str, value: Any, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        RunConfig(**{field: value})
    assert_says(caught.value, field, words)


# field, text as typed
BAD_TEXTS = [
    *(("lr", text) for text in ("", " ", "abc", "0", "-1", "1e400", "nan", "inf", "1_0", "0,1", "0x1p3", "1e-400")),
    *(("epochs", text) for text in ("", "1.5", "1e3", "0", "-1", "1_000", "٣", "9" * 41, "nan", "1 2")),
    *(("batch_size", text) for text in ("0", "-1", "all", "3.0", "9" * 5000)),
    *(("samples", text) for text in ("1", "0", "-1", "1e4", "")),
    *(("noise", text) for text in ("-0.1", "nan", "inf", "loud")),
    *(("train_size", text) for text in ("0", "-1", "80%")),
    *(
        ("start", text)
        for text in ("1", ",", "1,", "a,b", "1;2", "1,2,3", "nan,0", "0,-inf", "1e400,0", "1_0,1", "(1,2)")
    ),
    *(("seed", text) for text in ("-1", "4294967296", "x", "")),
    *(("device", text) for text in ("", "cuda:x", "CPU", "cuda:1234", "cuda:٣", "tpu", "cuda\n")),
    *(("dtype", text) for text in ("", "double", "float16", "Float64")),
    *(("dataset", text) for text in ("iris", "Diabetes")),
    *(("shuffle", text) for text in ("", "maybe", "2")),
    ("lr", "\x1b[31m1"),
    ("lr", "1\n2"),
    ("dtype", "[bold]" * 100),
]


@pytest.mark.parametrize(("field", "text"), BAD_TEXTS)
def test_a_bad_text_is_refused_in_one_line(field: str, text: str) -> None:
    if field == "device" and text == "cuda\n":  # blanks around a value are no mistake
        assert RunConfig.read({field: text}).device == "cuda"
        return
    with pytest.raises(InputError) as caught:
        RunConfig.read({field: text})
    assert_says(caught.value, field, [FIELDS[field].allowed])


def test_a_device_with_a_line_end_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        RunConfig(device="cuda\n")
    assert_says(caught.value, "device", ["cpu"])


TOGETHER: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"samples": 100, "train_size": 100}, "train_size", ["100", "below"]),
    ({"samples": 100, "train_size": 500}, "train_size", ["500", "below", "100"]),
    ({"samples": 100}, "samples", ["100", "above 100"]),
    ({"samples": 2}, "samples", ["2", "above 100"]),
    ({"data": "a.csv", "dataset": "diabetes"}, "data", ["--dataset", "one of them"]),
    ({"data": "a.csv", "noise": 2.0}, "noise", ["make_regression"]),
    ({"dataset": "diabetes", "samples": 500}, "samples", ["make_regression"]),
    ({"x": "bmi"}, "x", ["--data"]),
    ({"dataset": "tiny", "samples": 500}, "samples", ["make_regression", "tiny"]),
    ({"dataset": "tiny", "noise": 0.5}, "noise", ["make_regression", "tiny"]),
    ({"dataset": "tiny", "x": "1"}, "x", ["--data", "tiny"]),
    ({"dataset": "tiny", "y": "y"}, "y", ["--data", "tiny"]),
    ({"y": "target"}, "y", ["--data"]),
    ({"no_header": True}, "no_header", ["--data"]),
    ({"dataset": "diabetes", "delimiter": ";"}, "delimiter", ["--data"]),
    ({"decimal": ","}, "decimal", ["--data"]),
    ({"dataset": "tiny", "drop_missing": True}, "drop_missing", ["--data"]),
    ({"dataset": "diabetes", "y": "target"}, "y", ["--data"]),
    ({"dtype": "float32", "lr": 1e39}, "lr", ["float32", "at most"]),
    ({"dtype": "float32", "start": (0.0, -1e39)}, "start", ["0,-1e+39", "float32", "at most"]),
]


@pytest.mark.parametrize(("options", "field", "words"), TOGETHER)
def test_options_that_exclude_each_other(options: dict[str, Any], field: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        RunConfig(**options)
    assert_says(caught.value, field, words)


def test_defaults_are_the_notebook_s() -> None:
    config = RunConfig()
    assert (config.seed, config.samples, config.noise, config.lr, config.epochs) == (0, 10_100, 1.0, 0.01, 16)
    assert (config.dtype, config.device, config.source) == ("float64", "auto", "make_regression")
    session = small()
    assert (session.dataset.n_train, session.schedule.batch_size, session.schedule.batches) == (100, 33, 4)
    assert [session.schedule.place(i).m for i in range(5)] == [33, 33, 33, 1, 33]
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.lr = 1.0  # type: ignore[misc]


def test_texts_and_values_give_the_same_configuration() -> None:
    texts = {"seed": " 7 ", "lr": "1e-3", "epochs": "+5", "batch_size": "", "train_size": "80", "noise": "0",
             "shuffle": "Yes", "standardize": "no", "dtype": "float32", "device": "cuda:1"}  # fmt: skip
    values = RunConfig(
        seed=7, lr=1e-3, epochs=5, batch_size=None, train_size=80, noise=0.0, shuffle=True, dtype="float32",
        device="cuda:1",
    )  # fmt: skip
    assert RunConfig.read(texts) == values
    assert RunConfig(**json.loads(json.dumps(values.as_json()))) == values
    assert set(FIELDS) == {field.name for field in dataclasses.fields(RunConfig)}


@pytest.mark.parametrize(
    ("given", "canonical"),
    [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("\\t", "tab"), (" ", "space"), ("|", "pipe"), ("TAB", "tab"),
     ("^", "^"), ("§", "§")],
)  # fmt: skip
def test_a_delimiter_is_a_word_or_a_character(given: str, canonical: str) -> None:
    config = RunConfig.read({"data": "a.csv", "delimiter": given, "decimal": ",", "no_header": "yes"})
    assert config == RunConfig(data="a.csv", delimiter=given, decimal=",", no_header=True)
    assert config.delimiter == canonical
    assert RunConfig.read(config.as_texts()) == config
    assert RunConfig(**json.loads(json.dumps(config.as_json()))) == config


@pytest.mark.parametrize("batch_size", [101, 10**9])
def test_a_batch_larger_than_the_train_set_is_said(batch_size: int) -> None:
    session = small(batch_size=batch_size, epochs=2)
    assert [session.schedule.batch_size, session.schedule.batches] == [100, 1]
    (notice,) = session.notices
    assert str(batch_size) in notice
    assert "100 train samples" in notice
    assert "one batch an epoch" in notice
    assert trained(session).trained == 2
    assert small(batch_size=100).notices == ()


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:999", "mps"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    here = torch.cuda.is_available() and name in ("cuda", "cuda:0")
    if here or (name == "mps" and torch.backends.mps.is_available()):
        pytest.skip(f"this machine has {name}")
    with pytest.raises(InputError) as caught:
        Session(RunConfig(device=name, dtype="float32"))
    assert_says(caught.value, "device", [name, "not available", "cpu"])


def test_mps_says_that_it_has_no_float64() -> None:
    with pytest.raises(InputError) as caught:
        Session(RunConfig(device="mps"))
    assert_says(caught.value, "device", ["mps", "float64", "float32"])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA, this machine has none")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_cuda_agrees_with_the_cpu(dtype: str) -> None:
    here, there = (trained(Session(RunConfig(device=name, dtype=dtype))) for name in ("cpu", "cuda"))
    assert there.device.type == "cuda"
    first = here.step(0), there.step(0)
    assert first[0].torch.b_before == first[1].torch.b_before  # the same start, bit for bit
    assert first[0].scratch.w_before == first[1].scratch.w_before
    # 64 steps at η = 0.01, each off by 16 u η Σ (2/m)(|b| + |w x| + |y|)|x| < 16 u · 0.01 · 2 · 300: below 64 · 100 u.
    bound = 6400 * (2.0**-53 if dtype == "float64" else 2.0**-24)
    for index in range(64):
        cpu, cuda = here.step(index), there.step(index)
        assert abs(cpu.scratch.w_after - cuda.scratch.w_after) <= bound
        assert abs(cpu.torch.b_after - cuda.torch.b_after) <= bound
        assert cuda.verdict.sign in ("=", "≈")
    assert RunConfig().device == "auto"
    assert Session(RunConfig()).device.type == "cuda"


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_auto_is_the_cpu_where_there_is_no_cuda() -> None:
    assert Session(RunConfig(samples=120)).device.type == "cpu"


def test_the_home_folder_is_understood_where_no_shell_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--data=~/a.csv` reaches the program as it is typed; a path given in code is taken as it is."""
    monkeypatch.setenv("HOME", "/home/of/me")
    assert RunConfig.read({"data": "~/a.csv"}).data == "/home/of/me/a.csv"
    assert RunConfig(data="~/a.csv").data == "~/a.csv"

"""The command line of a run: the program's own parser reads the same run from it."""

from __future__ import annotations

import shlex
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_linreg.cli import commands
from tui_linreg.cli.main import main
from tui_linreg.command_line import command_line
from tui_linreg.engine.config import LARGEST_SEED, RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES

positive = st.floats(min_value=0, exclude_min=True, max_value=1e30, allow_subnormal=False)
finite = st.floats(min_value=-1e30, max_value=1e30)
# A path that begins with ~ is a home folder's; blanks around a value are cut off when an option is read.
words = st.text(st.characters(exclude_characters="\0"), min_size=1).filter(lambda t: t == t.strip() and t[0] != "~")
counts = st.integers(1, 10**9)


@st.composite
def schedules(draw: st.DrawFn) -> float | str:
    if draw(st.booleans()):
        return draw(positive)
    steps = sorted(draw(st.sets(st.integers(2, 10**6), max_size=3)))
    return ",".join(f"{draw(positive)!r}@{step}" for step in [1, *steps])


@st.composite
def sources(draw: st.DrawFn) -> dict[str, Any]:
    match draw(st.sampled_from(["made", "named", "diabetes", "tiny", "csv"])):
        case "made" | "named" as how:
            samples = draw(st.integers(101, 10**8))
            name = {} if how == "made" else {"dataset": "make_regression"}
            return name | {"samples": samples, "noise": draw(st.floats(0, 1e300)),
                           "train_size": draw(st.none() | st.integers(1, samples - 1))}  # fmt: skip
        case "diabetes":
            return {"dataset": "diabetes", "x": draw(st.none() | words), "train_size": draw(st.none() | counts)}
        case "tiny":
            return {"dataset": "tiny", "train_size": draw(st.none() | counts)}
    column = st.none() | words
    return {"data": draw(words), "x": draw(column), "y": draw(column), "train_size": draw(st.none() | counts)}


configs = st.builds(
    lambda source, **options: RunConfig(**source, **options),
    sources(),
    seed=st.integers(0, LARGEST_SEED),
    lr=st.sampled_from([0.01, 0.1]) | schedules(),
    start=st.none() | st.tuples(finite, finite),
    epochs=counts,
    batch_size=st.none() | counts,
    device=st.sampled_from(["auto", "cpu", "cuda:1", "mps"]),
    dtype=st.sampled_from(["float64", "float32"]),
    shuffle=st.booleans(),
    standardize=st.booleans(),
    arithmetic=st.sampled_from(["notebook", "kernel", "update", "error-signal+update"]),
    mistake=st.none() | st.sampled_from(sorted(MISTAKES)),
)


def parsed(line: str) -> tuple[RunConfig, str | None]:
    """Return the run and the learner's file with which the program opens the app."""
    found: list[tuple[RunConfig, str | None]] = []

    def opened(config: RunConfig, *, student: str | None, lessons: str | None) -> int:
        found.append((config, student))
        return 0

    program, *arguments = shlex.split(line)
    assert program == "tui-linreg"
    with patch.object(commands, "open_app", opened), patch("tui_linreg.cli.main.open_app", lambda c: opened(
        c, student=None, lessons=None
    )):  # fmt: skip
        assert main(arguments) == 0
    return found[0]


@given(configs, st.none() | words)
def test_the_programs_own_parser_reads_the_same_run(config: RunConfig, student: str | None) -> None:
    assert parsed(command_line(config, student)) == (config, student)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (RunConfig(), "tui-linreg"),
        (RunConfig(dataset="tiny", lr=0.1), "tui-linreg --dataset tiny"),
        (RunConfig(dataset="tiny"), "tui-linreg --dataset tiny --lr 0.01"),
        (RunConfig(lr="0.1@1,0.01@65"), "tui-linreg --lr 0.1@1,0.01@65"),
        (RunConfig(start=(-1.0, 0.5), shuffle=True), "tui-linreg --start -1,0.5 --shuffle"),
        (RunConfig(data="my cars.csv", x="it's"), """tui-linreg --data 'my cars.csv' --x 'it'"'"'s'"""),
        (RunConfig(mistake="stale"), "tui-linreg --mistake stale"),
    ],
)
def test_only_what_is_not_usual_is_said(config: RunConfig, line: str) -> None:
    assert command_line(config) == line
    assert parsed(line) == (config, None)

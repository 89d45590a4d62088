"""Numbers at the edge of the floats: files and reports have the engine's own, and what is refused is said."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest
from app_helpers import COMPACT, running, text, wait
from cli_helpers import assert_refused, runner
from edge_cases import CASES, COUNT, UNEVEN, Case, bits, options_of, times, trained
from panel_views import run_at, view_of
from textual.widgets import Input

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.analysis.surface import FARTHEST
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.settings import Settings
from tui_linreg.trace_file import SIDE_FIELDS, SIDE_VECTORS, SIDES, write_trace
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.charts.records import CHARTS
from tui_linreg.tui.features.files import ExportDialog


@pytest.fixture(params=list(CASES.values()), ids=list(CASES))
def options(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    return options_of(request.param, tmp_path)


def check_trace(session: Session, folder: Path) -> None:
    """Both files have a record for each step, and in it the step's numbers, bit for bit."""
    with (folder / "trace.csv").open(newline="", encoding="utf-8") as handle:
        table = list(csv.DictReader(handle))
    records = [json.loads(line) for line in (folder / "trace.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(table) == len(records) == session.trained
    for index, (cells, record) in enumerate(zip(table, records, strict=True)):
        step = session.step(index)
        assert int(cells["stop"]) - int(cells["start"]) == len(record["x"]) == step.place.m
        for name, tensor in (("x", step.x), ("y", step.y)):
            assert [bits(float(value)) for value in record[name]] == [bits(value) for value in tensor.tolist()]
        for prefix in SIDES:
            side = getattr(step, prefix)
            for name in SIDE_FIELDS:
                wanted = bits(getattr(side, name))
                assert bits(float(cells[f"{prefix}_{name}"])) == bits(float(record[f"{prefix}_{name}"])) == wanted
            for name in SIDE_VECTORS:
                values = [float(value) for value in record[f"{prefix}_{name}"]]
                assert list(map(bits, values)) == list(map(bits, getattr(side, name).tolist()))
        for quantity in QUANTITIES:
            word = step.comparisons[quantity.key].verdict.word
            assert cells[f"verdict_{quantity.key}"] == record[f"verdict_{quantity.key}"] == word


def test_a_trace_has_the_engines_numbers(options: dict[str, Any], tmp_path: Path) -> None:
    session = trained(options)
    for name in ("trace.csv", "trace.jsonl"):
        assert write_trace(session, tmp_path / name, verdicts=True)
    check_trace(session, tmp_path)


@pytest.mark.parametrize("name", ["the largest", "η of 1e300", "float32, denormal"])
async def test_an_export_has_the_engines_numbers(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = options_of(CASES[name], tmp_path)
    session = trained(options)
    async with running(COMPACT, **options) as (app, pilot):
        await pilot.press("g", *str(session.trained), "enter")
        for path in ("trace.csv", "trace.jsonl"):
            await pilot.press("x")
            assert isinstance(app.screen, ExportDialog)
            app.screen.query_one(Input).value = path
            await pilot.press("enter")
            await wait(pilot, lambda path=path: f"written to '{path}'" in text(app))  # type: ignore[misc]
    check_trace(session, tmp_path)


def test_both_models_agree_at_the_edge(options: dict[str, Any]) -> None:
    session = trained(options)
    assert [step.verdict.word for step in map(session.step, range(session.trained)) if step.verdict.sign == "≠"] == []


def arguments(options: dict[str, Any]) -> list[str]:
    """The options as the command line takes them."""
    flags = {name.replace("_", "-"): value for name, value in options.items() if value is not False}
    return [f"--{name}" if value is True else f"--{name}={value}" for name, value in flags.items()]


def test_headless_reports_the_engines_numbers(
    options: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, session = runner(capsys, monkeypatch, tmp_path), trained(options)
    given = arguments(options)
    result = run("train", "--json", *given)
    notices = [notice for notice in (*session.notices, Instruments(session).warning) if notice is not None]
    assert (result.code, result.err) == (0, "".join(f"note: {notice}\n" for notice in notices))
    report = json.loads(result.out)
    for side, key in enumerate(("scratch", "torch")):
        for found, epoch in zip(report[key]["epochs"], session.epoch_log(side), strict=True):
            assert (bits(float(found["mse"])), bits(float(found["mse_v"]))) == (bits(epoch.mse), bits(epoch.mse_v))
        newest = session.timeline.states(session.trained)[side]
        assert (bits(float(report[key]["b"])), bits(float(report[key]["w"]))) == (bits(newest[0]), bits(newest[1]))
    assert run("train", *given).code == 0
    assert run("trace", *given, "--out", "headless.jsonl", "--verdicts").code == 0
    write_trace(session, tmp_path / "own.jsonl", verdicts=True)
    assert (tmp_path / "headless.jsonl").read_text() == (tmp_path / "own.jsonl").read_text()


def test_charts_have_room_for_every_finite_number(options: dict[str, Any]) -> None:
    session = trained(options)
    run = run_at(session)
    for step in sorted({0, session.trained - 1}):
        for phase in (Phase.BATCH, Phase.LOSS, Phase.UPDATE):
            view = view_of(run, step, phase)
            for info in CHARTS.values():
                if info.text:
                    assert info.lines(view, 60, 20)
                    continue
                chart = info.make(view)
                most = FARTHEST if info.number == 5 else math.inf  # of a surface nothing beyond can be read
                for axis, asked in enumerate((chart.x_range, chart.y_range)):
                    if asked is None:
                        continue
                    low, high = asked
                    assert -math.inf < low < high < math.inf, (info.name, asked)
                    for series in chart.series:
                        pairs = zip(*((float(v) for v in values) for values in (series.x, series.y)), strict=True)
                        shown = [pair[axis] for pair in pairs if all(abs(value) < most for value in pair)]
                        if series.kind == "points":
                            assert all(low <= value <= high for value in shown), (info.name, series.label, asked)


REFUSED = {
    "all x equal": (Case(x=[1e300] * 10), "x column 'x' is 1e+300 in every row"),
    "one train row": (Case({"train_size": 1}, COUNT), "a slope needs two different values"),
    "two rows": (Case(x=COUNT[:2]), "has 2 data rows; at least 3 are needed"),
    "x equal as float32": (Case({"dtype": "float32"}, times(COUNT, 1e-3, 1e8)), "in the train rows as float32"),
    "x zero as float32": (Case({"dtype": "float32"}, times(COUNT, 1e-60)), "constant in the train rows as float32"),
    "x beyond float32": (Case({"dtype": "float32"}, times(COUNT, 1e38)), "column 'x' holds values outside float32"),
    "y beyond float32": (Case({"dtype": "float32"}, COUNT, times(UNEVEN, 1e300)), "'y' holds values outside float32"),
    "x too large to scale": (Case({"standardize": True}, times(UNEVEN, 1e300)), "too large to take their deviation"),
    "y too small to scale": (Case({"standardize": True}, COUNT, times(UNEVEN, 5e-324)), "differs by too little"),
    "y equal, to be scaled": (Case({"standardize": True}, COUNT, [0.1] * 10), "y is constant in the train rows"),
    "y not a number": (Case(x=COUNT, y=[*UNEVEN[:9], math.nan]), "line 11, column 2 'y': 'nan'"),
    "x infinite": (Case(x=[-math.inf, *UNEVEN[1:]]), "line 2, column 1 'x': '-inf'"),
}  # fmt: skip


@pytest.mark.parametrize(("case", "words"), REFUSED.values(), ids=REFUSED.keys())
async def test_what_cannot_be_a_run_is_refused_in_one_line(
    case: Case, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run, options = runner(capsys, monkeypatch, tmp_path), options_of(case, tmp_path)
    with pytest.raises(InputError) as caught:
        Session(RunConfig(**options))
    assert words in str(caught.value)
    assert caught.value.field is not None
    given = arguments(options)
    assert_refused(run("train", *given), words)
    assert_refused(run("trace", "--out", "t.csv", *given), words)
    assert [path.name for path in tmp_path.iterdir()] == ["edge.csv"]
    app = LinRegApp(RunConfig(**options), Settings())
    async with app.run_test(size=COMPACT) as pilot:
        await wait(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert app.exit_line is not None
    assert words in app.exit_line
    assert "\n" not in app.exit_line


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("lr", ["1e309", "-1e308", "1e-400", "0", "-5e-324", "nan", "inf", "9" * 400])
def test_a_learning_rate_beyond_the_floats_is_refused(lr: str, dtype: str) -> None:
    with pytest.raises(InputError, match="must be a finite number above 0") as caught:
        RunConfig.read({"lr": lr, "dtype": dtype})
    assert caught.value.field == "lr"
    assert "\n" not in str(caught.value)


def test_a_learning_rate_beyond_float32_is_refused() -> None:
    assert RunConfig(lr=3.4028234663852886e38, dtype="float32").lr == 3.4028234663852886e38
    with pytest.raises(InputError, match=r"must be at most 3.4028234663852886e\+38 with --dtype float32"):
        RunConfig(lr=3.402823466385289e38, dtype="float32")

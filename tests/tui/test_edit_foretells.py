"""The edit form says what an η will do before it runs, asks for the arithmetic, and hands a mistake on unseen."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from app_helpers import App, running, text, wait
from panel_views import epoch_radius, hessian, samples
from textual.widgets import Static

from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.analysis.stability import stability_edge
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.dialogs.controls import Choice
from tui_linreg.tui.features.editing import form
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.features.editing.feature import LATER, preview


def said_of(**options: Any) -> str:
    """The line about these options while the default run is loaded."""
    return preview(Instruments(Session(RunConfig(device="cpu"))), RunConfig(device="cpu", **options))


@pytest.mark.parametrize(
    ("lr", "size"), [(0.01, None), (0.01, 10), (0.02, 100), (0.9, 33), (0.9, 1), (3.0, 50), (1.0, 500)]
)
def test_it_says_what_numpy_finds(lr: float, size: int | None) -> None:
    session = Session(RunConfig(device="cpu"))
    said = said_of(lr=lr, batch_size=size, epochs=7)
    found = epoch_radius(samples(session)[0], size or 33, lr)
    assert said.startswith(f"η {lr:g} {'converges' if found < 1 else 'diverges'}: ")
    if found < 0.1 or found > 1:
        assert "every" not in said
    else:
        epochs = math.ceil(-1 / math.log10(found))
        every = f"every {epochs} epochs leave" if epochs > 1 else "every epoch leaves"
        assert f"in the long run {every} a tenth of the distance, every 7 leave {found**7:.2g}" in said
    highest = np.linalg.eigvalsh(hessian(samples(session)[0]))[1]
    assert (", oscillating;" in said) == (found < 1 < lr * highest)
    name, edge = said.rpartition("; ")[2].rsplit(" ", 1)
    assert name == ("edge, η_max" if (size or 33) >= 100 else "edge, these batches")
    below, above = (epoch_radius(samples(session)[0], size or 33, float(edge) * part) for part in (0.999, 1.001))
    assert below < 1 < above
    if (size or 33) >= 100:
        assert edge == f"{2 / highest:.4g}"


@pytest.mark.parametrize("part", [0.5, 0.99999, 1.00001, 2.0])
def test_the_edge_stands_on_the_right_side_of_the_rate(part: float) -> None:
    edge = stability_edge(Instruments(Session(RunConfig(device="cpu"))).batches)
    said = said_of(lr=edge * part)
    shown = float(said.split()[1]), float(said.rsplit(" ", 1)[1])
    assert (shown[0] < shown[1]) == (part < 1) == ("converges" in said)
    assert shown[0] != shown[1]


def test_no_overflow_is_foretold_that_the_run_does_not_reach() -> None:
    """η 10 overflows in the 30th epoch."""
    assert ", overflow about step 120, in the 30th epoch;" in said_of(lr=10.0, epochs=30)
    assert ", no overflow in 29 epochs; edge, these batches 1.024" in said_of(lr=10.0, epochs=29)
    assert "overflow" not in said_of(lr=0.9, epochs=29)


def test_with_very_many_batches_only_the_full_batchs_bound_is_told() -> None:
    session = Session(RunConfig(device="cpu", train_size=2000, batch_size=1))
    said = preview(Instruments(session), session.config)
    assert "; η_max of the full batch 0." in said
    assert "edge" not in said


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"noise": 2.0}, {"train_size": 99}, {"standardize": True}, {"shuffle": True}, {"dtype": "float32"},
     {"dataset": "diabetes"}, {"data": "a.csv"}, {"samples": 500}],
)  # fmt: skip
def test_of_other_data_it_says_nothing_yet(other: dict[str, Any]) -> None:
    assert said_of(**other) == LATER


@pytest.mark.parametrize(
    "other",
    [{"epochs": 3}, {"batch_size": 7}, {"lr": 2.0}, {"arithmetic": "kernel"}, {"dataset": "make_regression"},
     {"train_size": 100}],
)  # fmt: skip
def test_of_the_same_data_it_speaks(other: dict[str, Any]) -> None:
    assert said_of(**other) != LATER


@pytest.mark.parametrize("limit", ["_MOST_SAMPLES", "_MOST_BATCHES"])
def test_what_takes_long_is_left_for_later(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    most = 100 if limit == "_MOST_SAMPLES" else 4
    for value, later in ((most, False), (most - 1, True)):
        monkeypatch.setattr(f"tui_linreg.tui.features.editing.feature.{limit}", value)
        assert (said_of() == LATER) is later


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lr", [5e-324, 1e-30, 1.0235455925026937, 1e30, 1.7976931348623157e308])
def test_no_rate_is_too_odd(lr: float) -> None:
    said = said_of(lr=lr)
    assert said.startswith(f"η {lr:g} ")
    assert len(said) <= 150


# ── in the form ──────────────────────────────────────────────────────────────────────────────────────────────────────


def dialog_of(app: App) -> EditDialog:
    assert isinstance(app.screen, EditDialog)
    return app.screen


def said(app: App) -> str:
    return str(dialog_of(app).query_one("#preview", Static).render())


def says(app: App, start: str) -> bool:
    """Whether the line begins so; an empty start: whether it says what is wrong instead."""
    return said(app).startswith(start or "✗ learning rate η: must be")


def chosen(app: App, source: str) -> bool:
    return dialog_of(app).query_one("#source", Choice).value == source


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_the_form_says_it_while_one_types(size: tuple[int, int]) -> None:
    async with running(size, device="cpu") as (app, pilot):
        await pilot.press("e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        await wait(pilot, lambda: said(app).startswith("η 0.01 converges: in the long run every 42 epochs leave"))
        rows = dialog_of(app).rows
        rows["lr"].control.focus()
        for key, start in (
            ("5", "η 5 diverges: "),
            ("backspace", ""),
            ("0", ""),
            (".", ""),
            ("5", "η 0.5 converges: "),
        ):
            await pilot.press("full_stop" if key == "." else key)
            await wait(pilot, partial(says, app, start))
        rows["batch_size"].control.focus()
        await pilot.press("1")
        expected = said_of(lr=0.5, batch_size=1)
        await wait(pilot, lambda: said(app) == expected)
        shown = " ".join(text(app).replace("│", " ").split())
        assert said(app) in shown
        rows["noise"].control.focus()
        await pilot.press("9")
        await wait(pilot, lambda: said(app) == LATER)
        assert all(row.region.height > 0 for row in rows.values() if row.display)
        await pilot.press("escape")


async def test_every_row_is_in_sight_at_80_by_24() -> None:
    async with running((80, 24), device="cpu") as (app, pilot):
        await pilot.press("e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog) and said(app) != "")
        await pilot.press("up")
        for source in form.SOURCES:
            await wait(pilot, partial(chosen, app, source[0]))
            below = ("no_header", "delimiter", "decimal", "drop_missing")
            labels = [row.label for name, row in dialog_of(app).rows.items() if row.display and name not in below]
            assert [label for label in labels if label not in text(app)] == []
            assert "enter apply" in text(app)
            await pilot.press("right")
        await pilot.press("escape")


async def test_the_arithmetic_is_asked_for_and_a_mistake_handed_on_unseen() -> None:
    name = "divide-by-batch-size"
    assert name in MISTAKES
    async with running(device="cpu", mistake=name) as (app, pilot):
        await pilot.press("e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        dialog = dialog_of(app)
        shown = " ".join(str(each.render()) for each in dialog.query(Static)) + str(
            [r.text for r in dialog.rows.values()]
        )
        assert "mistake" not in shown
        assert name not in shown
        control = dialog.rows["arithmetic"].control
        assert isinstance(control, Choice)
        assert control.value == "notebook"
        control.value = "kernel"
        first = app.controller.run
        await pilot.press("enter")
        await wait(pilot, lambda: app.controller.run is not first)
        config = app.controller.run.session.config
        assert (config.arithmetic, config.mistake) == ("kernel", name)

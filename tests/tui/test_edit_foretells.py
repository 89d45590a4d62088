"""The edit form says what an η will do before it runs, asks for the arithmetic, and hands a mistake on unseen."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from app_helpers import App, running, text, wait
from numpy.typing import NDArray
from textual.widgets import Static

from tui_linreg.engine.analysis.epoch_map import BatchLosses
from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.analysis.quadratic import Quadratic
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.arithmetic import FORMS
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.dialogs import form
from tui_linreg.tui.dialogs import preview as foretell
from tui_linreg.tui.dialogs.controls import Choice, TextField
from tui_linreg.tui.dialogs.edit import EditDialog
from tui_linreg.tui.dialogs.preview import LATER, Foreteller

Vector = NDArray[np.float64]


def foreteller(**options: Any) -> tuple[Foreteller, Session]:
    session = Session(RunConfig(device="cpu", **options))
    return Foreteller(session, Instruments(session)), session


def radius(session: Session, size: int, lr: float) -> float:
    """The spectral radius of one epoch's map, by NumPy."""
    x, epoch = session.dataset.x_train.numpy(), np.eye(2)
    for at in range(0, len(x), size):
        own = x[at : at + size]
        mean = own.mean()
        epoch = (np.eye(2) - 2 * lr * np.array([[1, mean], [mean, (own * own).mean()]])) @ epoch
    return float(np.abs(np.linalg.eigvals(epoch)).max())


@pytest.mark.parametrize(
    ("lr", "size"), [(0.01, None), (0.01, 10), (0.02, 100), (0.9, 33), (0.9, 1), (3.0, 50), (1.0, 500)]
)
def test_it_says_what_numpy_finds(lr: float, size: int | None) -> None:
    teller, session = foreteller()
    said = teller.say(RunConfig(device="cpu", lr=lr, batch_size=size, epochs=7))
    found = radius(session, size or 33, lr)
    assert said.startswith(f"η {lr:g} {'converges' if found < 1 else 'diverges'}: ")
    if found < 0.1 or found > 1:
        assert "after" not in said
    else:
        epochs = math.ceil(-1 / math.log10(found))
        assert f"a tenth of the distance is left after {epochs} epoch" in said
        assert f", {found**7:.2g} after 7" in said
    x = session.dataset.x_train.numpy()
    highest = 2 * np.linalg.eigvalsh([[1, x.mean()], [x.mean(), (x * x).mean()]])[1]
    assert (", oscillating;" in said) == (found < 1 < lr * highest)
    assert said.endswith(f"; η_max {2 / highest:.3g}")


@pytest.mark.parametrize(
    "other",
    [{"seed": 1}, {"noise": 2.0}, {"train_size": 99}, {"standardize": True}, {"shuffle": True}, {"dtype": "float32"},
     {"dataset": "diabetes"}, {"data": "a.csv"}, {"samples": 500}],
)  # fmt: skip
def test_of_other_data_it_says_nothing_yet(other: dict[str, Any]) -> None:
    assert foreteller()[0].say(RunConfig(device="cpu", **other)) == LATER


@pytest.mark.parametrize(
    "other",
    [{"epochs": 3}, {"batch_size": 7}, {"lr": 2.0}, {"arithmetic": "kernel"}, {"dataset": "make_regression"},
     {"train_size": 100}],
)  # fmt: skip
def test_of_the_same_data_it_speaks(other: dict[str, Any]) -> None:
    assert foreteller()[0].say(RunConfig(device="cpu", **other)) != LATER


@pytest.mark.parametrize("limit", ["_MOST_SAMPLES", "_MOST_BATCHES"])
def test_what_takes_long_is_left_for_later(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    teller, session = foreteller()
    monkeypatch.setattr(foretell, limit, 100 if limit == "_MOST_SAMPLES" else 4)
    assert teller.say(session.config) != LATER
    monkeypatch.setattr(foretell, limit, 99 if limit == "_MOST_SAMPLES" else 3)
    assert teller.say(session.config) == LATER


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("lr", [5e-324, 1e-30, 1.0235455925026937, 1e30, 1.7976931348623157e308])
def test_no_rate_is_too_odd(lr: float) -> None:
    said = foreteller()[0].say(RunConfig(device="cpu", lr=lr))
    assert said.startswith(f"η {lr:g} ")
    assert len(said) <= 150


def test_batch_sizes_are_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    teller, session = foreteller()
    sizes: list[int] = []
    of = BatchLosses.of

    def counted(x: Vector, y: Vector, size: int, whole: Quadratic | None = None) -> BatchLosses:
        sizes.append(size)
        return of(x, y, size, whole)

    monkeypatch.setattr(BatchLosses, "of", counted)
    for lr in (0.1, 0.2, 0.3):
        for size in (10, 33, 20):
            teller.say(RunConfig(device="cpu", lr=lr, batch_size=size))
    assert sorted(sizes) == [10, 20, 33]
    assert session.trained == 0


# ── in the form ──────────────────────────────────────────────────────────────────────────────────────────────────────


def dialog_of(app: App) -> EditDialog:
    assert isinstance(app.screen, EditDialog)
    return app.screen


def said(app: App) -> str:
    return str(dialog_of(app).query_one("#preview", Static).render())


def says(app: App, start: str) -> bool:
    """Whether the line begins so; an empty start: whether there is no line."""
    return said(app).startswith(start) if start else not said(app)


def chosen(app: App, source: str) -> bool:
    return dialog_of(app).query_one("#source", Choice).value == source


@pytest.mark.parametrize("size", [(160, 45), (80, 24)])
async def test_the_form_says_it_while_one_types(size: tuple[int, int]) -> None:
    async with running(size, device="cpu") as (app, pilot):
        await pilot.press("e")
        await wait(pilot, lambda: isinstance(app.screen, EditDialog))
        await wait(pilot, lambda: said(app).startswith("η 0.01 converges: a tenth of the distance is left after 42"))
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
        expected = foreteller()[0].say(RunConfig(device="cpu", lr=0.5, batch_size=1))
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
        for source in form.SOURCES:
            await wait(pilot, partial(chosen, app, source[0]))
            labels = [row._label for row in dialog_of(app).rows.values() if row.display]
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
        assert isinstance(control, TextField)
        assert control.value == "notebook"
        control.value = "nonsense"
        await wait(pilot, lambda: dialog.rows["arithmetic"].error.startswith("must be notebook, kernel"))
        control.value = "+".join(form_.name for form_ in reversed(FORMS))
        await wait(pilot, lambda: not dialog.rows["arithmetic"].error)
        first = app.main.explorer
        await pilot.press("enter")
        await wait(pilot, lambda: app.main.explorer is not first)
        assert app.main.explorer is not None
        config = app.main.explorer.session.config
        assert (config.arithmetic, config.mistake) == ("kernel", name)

"""The form of the run: what it shows, what it returns, what it refuses and where."""

from __future__ import annotations

import pytest
from app_helpers import typed
from dialog_helpers import ESCAPE, MARKUP, SIZES, Host, answer, opened, refused, wait_for
from textual.pilot import Pilot

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui.dialogs.controls import Choice, TextField
from tui_linreg.tui.features.editing import form
from tui_linreg.tui.features.editing.edit_dialog import EditDialog, EditResult

CONFIGS = (
    RunConfig(),
    RunConfig(dataset="make_regression", samples=50, train_size=10, noise=0.0, lr=1e-30, batch_size=7, epochs=3),
    RunConfig(dataset="diabetes", x="s5", seed=4, shuffle=True, standardize=True, dtype="float32", device="cuda:1"),
    RunConfig(dataset="tiny", lr=0.1, train_size=4, batch_size=2),
    RunConfig(data=MARKUP, x=ESCAPE, y="--lr: 'x", train_size=5),
    RunConfig(arithmetic="update+error-signal", mistake="no-x"),
    RunConfig(start=(-1.0, 0.1), lr="0.3@1,0.05@6,1e-05@31"),
)


@pytest.mark.parametrize("config", CONFIGS)
async def test_edit_untouched_gives_the_same_run(config: RunConfig) -> None:
    result = await answer(EditDialog(config), "enter")
    assert isinstance(result, EditResult)
    assert result.config == config
    assert RunConfig.read(result.texts) == config
    again = await answer(EditDialog(RunConfig(), texts=result.texts), "enter")
    assert again == result


async def test_edit_changes_fields() -> None:
    """η is the first; in a field one edits after home, end or a typed character."""
    keys = ["home", "delete", "1", *["down"] * 8, *["backspace"] * 5, *typed("500"), "tab", *typed("5"), "tab",
            *typed("50"), "down", "left", "down", "space"]  # fmt: skip
    result = await answer(EditDialog(RunConfig()), *keys, "enter")
    assert result.config == RunConfig(samples=500, noise=5.0, train_size=50, shuffle=True, standardize=True, lr=1.01)


async def test_edit_passes_on_only_what_applies_to_the_source() -> None:
    config = RunConfig(samples=500, noise=3.0, lr=0.5)
    assert (await answer(EditDialog(config), "up", "right", "enter")).config == RunConfig(dataset="diabetes", lr=0.5)
    keys = ["up", *["right"] * 3, *["down"] * 9, *typed("a.csv"), "down", "u", "down", "v", "enter"]
    csv = await answer(EditDialog(config), *keys)
    assert csv.config == RunConfig(data="a.csv", x="u", y="v", lr=0.5)
    assert (await answer(EditDialog(config), "up", "right", "right", "enter")).config == RunConfig(
        dataset="tiny", lr=0.5
    )
    assert (await answer(EditDialog(csv.config), "up", *["left"] * 3, "enter")).config == RunConfig(lr=0.5)


@pytest.mark.parametrize(
    ("typed_path", "path"),
    [("'a b.csv'", "a b.csv"), ('"a.csv" ', "a.csv"), ("~/a.csv", "/home/of/me/a.csv"), ("'~/a'", "/home/of/me/a"),
     ("~nobody-of-this-name/a.csv", "~nobody-of-this-name/a.csv"), ("it's.csv", "it's.csv"), ("'", "'"), ("a'", "a'")],
)  # fmt: skip
async def test_edit_understands_quotes_and_the_home_folder(
    typed_path: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/of/me")
    result = await answer(EditDialog(RunConfig(), texts={"data": typed_path}), "enter")
    assert result.config == RunConfig(data=path) == RunConfig.read(result.texts)


async def test_edit_goes_between_columns_and_to_the_source() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        async def goes(key: str, *names: str) -> None:
            for name in names:
                await pilot.press(key)
                assert dialog.focused is dialog.rows[name].control, (key, name)

        await goes("right", "samples")
        await goes("left", "lr")
        await goes("right", "samples", "samples")
        await goes("left", *["samples"] * 5, "lr")  # there is nothing further right: the arrows are in the text now
        await goes("down", "epochs")
        await goes("right", "noise")
        await pilot.press("5")
        await goes("left", "noise", "epochs")  # to the start of what was typed, and on
        await goes("down", "batch_size")  # empty
        await goes("right", "train_size")
        await goes("left", "batch_size")
        await goes("down", "seed", "start", "device")
        assert dialog.rows["device"].text == "auto"
        await goes("right", "device")
        assert dialog.rows["device"].text == "cpu"
        await goes("up", "start")
        await goes("right", "standardize")
        await goes("left", "standardize")
        assert dialog.rows["standardize"].text == "yes"
        await goes("left", "start")
        await goes("up", "seed", "batch_size", "epochs", "lr", "source")
        await goes("left", "source")
        assert dialog.rows["noise"].text == "5"
        assert dialog.rows["lr"].text == "0.01"

    await opened(dialog, body, (160, 45))


async def test_edit_in_one_column_the_arrows_move_in_the_text() -> None:
    result = await answer(EditDialog(RunConfig()), "left", "1", "right", "right", "right", "right", "5", "enter")
    assert result.config == RunConfig(lr=10.015)


async def test_edit_offers_the_devices_that_are_there_and_the_one_that_is_set() -> None:
    for config, devices, keys, wanted in (
        (RunConfig(device="cpu"), ("cpu",), ["left"], "auto"),
        (RunConfig(), ("cpu", "cuda:0", "cuda:1"), ["right"] * 3, "cuda:1"),
        (RunConfig(device="mps", dtype="float32"), ("cpu",), [], "mps"),
        (RunConfig(device="mps", dtype="float32"), ("cpu",), ["left"], "cpu"),
    ):
        result = await answer(EditDialog(config, devices=devices), *["down"] * 5, *keys, "enter")
        assert result.config.device == wanted


async def test_edit_offers_both_arithmetics_and_a_mixed_one_that_is_set() -> None:
    assert (await answer(EditDialog(RunConfig()), *["down"] * 7, "right", "enter")).config.arithmetic == "kernel"
    mixed = RunConfig(arithmetic="update")

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "● mixed" in host.on_screen())
        await pilot.press(*["down"] * 7)
        await wait_for(pilot, lambda: "b tries one formula at a time" in host.on_screen())
        await pilot.press("left", "right", "left", "left", "enter")
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(EditDialog(mixed), body)).answers[0].config.arithmetic == "notebook"


async def test_edit_shows_only_what_applies_and_what_is_chosen_for_you() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.press("up")
        for source, there in (
            ("make_regression", {"samples", "noise"}), ("diabetes", {"x"}), ("tiny", set()),
            ("csv", {"data", "x", "y", "no_header", "delimiter", "decimal", "drop_missing"}),
        ):  # fmt: skip
            shown = {name for name, row in dialog.rows.items() if row.display}
            every = {"source", "train_size", "shuffle", "standardize", *form.TRAINING_FIELDS}
            assert shown == there | every
            fields = {name: row.control for name, row in dialog.rows.items() if isinstance(row.control, TextField)}
            for name in ("train_size", "batch_size", "start"):
                assert fields[name].placeholder == form.placeholder(name, source)
                assert fields[name].placeholder in host.on_screen()
            assert form.hint("source", source) in host.on_screen()
            await pilot.press("right")
        assert "applying starts a new run; the present one is forgotten unless p kept it" in host.on_screen()

    await opened(dialog, body)


WRONG = {
    "samples": "1", "start": "1", "train_size": "0", "noise": "-1", "lr": "0", "epochs": "1.5", "batch_size": "x",
    "seed": MARKUP,
}  # fmt: skip


async def test_edit_refuses_each_wrong_field_and_goes_there() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for name, text in WRONG.items():
            row = dialog.rows[name]
            assert isinstance(row.control, TextField)
            row.control.value = text
            await wait_for(pilot, lambda row=row: row.error == f"must be {FIELDS[row.field].allowed}")  # type: ignore[misc]
            said = f"✗ {FIELDS[name].label}: {row.error}"
            await wait_for(pilot, lambda said=said: said in host.unwrapped())  # type: ignore[misc]
            assert f"✗ {row.label}" in host.on_screen(), "marked without colour"
            await pilot.press("enter")
            assert dialog.focused is row.control
            assert not host.answers
            row.control.value = RunConfig().as_texts().get(name, "")
            await wait_for(pilot, lambda row=row: not row.error)  # type: ignore[misc]
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(dialog, body)).answers[0].config == RunConfig()


@pytest.mark.parametrize(
    ("values", "name", "error"),
    [
        ({"samples": "50"}, "samples", "must be above 100, the train size, unless train size is smaller"),
        ({"samples": "50", "train_size": "50"}, "train_size", "must be below samples 50, the rest validates"),
        ({"lr": "1e300", "dtype": "float32"}, "lr", "must be at most 3.4028234663852886e+38 with dtype float32"),
        (
            {"start": "1,-1e39", "dtype": "float32"},
            "start",
            "must be numbers of at most 3.4028234663852886e+38 with dtype float32",
        ),
    ],
)
async def test_edit_refuses_what_does_not_fit_together(values: dict[str, str], name: str, error: str) -> None:
    texts = RunConfig().as_texts() | values
    await refused(EditDialog(RunConfig(), texts=texts), name, error, "enter")


async def test_edit_wants_a_path_for_a_csv_file() -> None:
    dialog = EditDialog(RunConfig())
    await refused(dialog, "data", "must be the path of a CSV file", "up", *["right"] * 3, "enter")


async def test_edit_reopens_with_the_error_of_the_data_until_something_changes() -> None:
    texts = {"data": MARKUP + ESCAPE, "x": "a", "y": "b", "lr": "0.5"}
    error = InputError(f"--x '{MARKUP}: --y': {MARKUP} has the columns '--lr'", field="x")
    dialog = EditDialog(RunConfig(), texts=texts, error=error)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        row = dialog.rows["x"]
        await wait_for(pilot, lambda: row.error == f"{MARKUP} has the columns '--lr'")
        assert f"✗ x column: {row.error}" in host.unwrapped()
        assert f"{MARKUP}�[31m" in host.on_screen()
        assert "\x1b" not in host.on_screen()
        assert dialog.focused is row.control
        await pilot.press("c")
        await wait_for(pilot, lambda: not row.error)
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    result = (await opened(dialog, body)).answers[0]
    assert result.config == RunConfig(data=MARKUP + ESCAPE, x="c", y="b", lr=0.5)


async def test_edit_may_ask_the_data_again() -> None:
    texts = {"data": "later.csv", "x": "a", "y": "b"}
    dialog = EditDialog(RunConfig(), texts=texts, error=InputError("cannot read 'later.csv': …", field="data"))
    assert (await answer(dialog, "enter")).config == RunConfig(data="later.csv", x="a", y="b")


async def test_edit_shows_an_error_of_no_field_beneath() -> None:
    dialog = EditDialog(RunConfig(), texts={}, error=InputError(f"no {MARKUP} is left"))

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: f"✗ no {MARKUP} is left" in host.on_screen())

    await opened(dialog, body)


@pytest.mark.parametrize("size", [(160, 45), (100, 30), (80, 24)])
async def test_no_field_moves_where_another_one_is_wrong(size: tuple[int, int]) -> None:
    dialog = EditDialog(RunConfig(), preview=lambda _: "")

    async def body(host: Host, pilot: Pilot[None]) -> None:
        def places() -> list[object]:
            return [*(row.virtual_region for row in dialog.rows.values()), dialog.query_one("#box").region]

        before = places()
        for name in ("lr", "epochs", "noise"):
            control = dialog.rows[name].control
            assert isinstance(control, TextField)
            control.value = "x"
            await wait_for(pilot, lambda: "✗ " in host.on_screen())
            control.focus()
            await wait_for(pilot, lambda name=name: f"✗ {FIELDS[name].label}: must be" in host.unwrapped())  # type: ignore[misc]
            await pilot.pause()
            assert places() == before
            control.value = "1"
            await wait_for(pilot, lambda: not any(row.error for row in dialog.rows.values()))
        assert places() == before

    await opened(dialog, body, size)


@pytest.mark.parametrize("size", SIZES)
async def test_edit_has_two_columns_only_where_there_is_room(size: tuple[int, int]) -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: dialog.rows["lr"].region.height > 0)
        beside = dialog.rows["samples"].region.x > dialog.rows["lr"].region.right
        assert beside is (size == (160, 45))

    await opened(dialog, body, size)


def test_hints_fit_on_their_line() -> None:
    for source, _ in form.SOURCES:
        for name in ("source", *form.FORM_FIELDS):
            assert len(form.hint(name, source)) <= (54 if name == "source" else 72)


async def test_edit_choices_by_mouse() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.click("#source", offset=(25, 0))
        assert dialog.query_one("#source", Choice).value == "diabetes"
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(dialog, body)).answers[0].config == RunConfig(dataset="diabetes")

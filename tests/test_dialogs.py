"""The dialogs, by their keys: what they return, what they refuse and why, and that all of it is in sight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.fields import FIELDS
from tui_linreg.engine.minibatch import Schedule
from tui_linreg.engine.phases import PHASES, Phase, info
from tui_linreg.engine.reference import TorchLinearRegression
from tui_linreg.engine.until import CONDITIONS
from tui_linreg.tui import code_lines
from tui_linreg.tui.code_lines import code_for
from tui_linreg.tui.dialogs import form
from tui_linreg.tui.dialogs.base import Dialog, KeyHint
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField
from tui_linreg.tui.dialogs.edit import EditDialog, EditResult
from tui_linreg.tui.dialogs.export import ExportChoice, ExportDialog
from tui_linreg.tui.dialogs.goto import GotoDialog, parse_goto
from tui_linreg.tui.dialogs.help import HelpScreen
from tui_linreg.tui.dialogs.until import UntilDialog
from tui_linreg.tui.keys import KEYS

SCHEDULE = Schedule(100, 33, 16)
SIZES = ((160, 45), (80, 24))
TINY = ((30, 8), (12, 4), (3, 2))
MARKUP = "[red]x[/]"
ESCAPE = "\x1b[31m"
DIALOGS: dict[str, Callable[[], Dialog[Any]]] = {
    "goto": lambda: GotoDialog(SCHEDULE, 9, 10),
    "until": lambda: UntilDialog(("loss", "0.5")),
    "edit": lambda: EditDialog(RunConfig()),
    "edit csv": lambda: EditDialog(RunConfig(data="a.csv")),
    "export": lambda: ExportDialog("run.csv", 64),
    "code": lambda: CodeDialog(Phase.PREDICT),
    "help": lambda: HelpScreen({}),
}


class Host(App[None]):
    """Shows one dialog and keeps its answers."""

    def __init__(self, dialog: Dialog[Any]) -> None:
        super().__init__()
        self.dialog = dialog
        self.answers: list[Any] = []

    def on_mount(self) -> None:
        self.push_screen(self.dialog, self.answers.append)

    def on_screen(self) -> str:
        strips = self.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def unwrapped(self) -> str:
        """Return what is on the screen, borders and line ends made single blanks."""
        return " ".join(self.on_screen().replace("│", " ").split())


Body = Callable[[Host, Pilot[None]], Awaitable[None]]


async def wait_for(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    for _ in range(200):
        if condition():
            return
        await pilot.pause()
    shown = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
    raise AssertionError(f"never came to be; on the screen:\n{shown}")


async def opened(dialog: Dialog[Any], body: Body, size: tuple[int, int] = (80, 24)) -> Host:
    host = Host(dialog)
    async with host.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: host.screen is dialog and bool(dialog.query(KeyHint)))
        await body(host, pilot)
    return host


async def answer(dialog: Dialog[Any], *keys: str) -> Any:
    """Press the keys; the last one must close the dialog. Return what it answered."""

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.press(*keys[:-1])
        assert not host.answers
        await pilot.press(keys[-1])
        await wait_for(pilot, lambda: bool(host.answers))

    return (await opened(dialog, body)).answers[0]


async def refused(dialog: Dialog[Any], row: str, error: str, *keys: str) -> None:
    """Press the keys; the dialog must stay, with this error beside this row, on the screen as it reads."""

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.press(*keys)
        found = dialog.query_one(f"#row-{row}", Row)
        await wait_for(pilot, lambda: found.error == error)
        assert f"✗ {error}" in host.unwrapped()
        assert not host.answers

    await opened(dialog, body)


def typed(text: str) -> list[str]:
    names = {" ": "space", "[": "left_square_bracket", "]": "right_square_bracket", "/": "slash", ".": "full_stop",
             "-": "minus", "~": "tilde"}  # fmt: skip
    return [names.get(character, character) for character in text]


# ── every dialog ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DIALOGS)
async def test_all_is_in_sight_or_can_be_scrolled_to(name: str) -> None:
    dialog = DIALOGS[name]()

    def whole() -> bool:
        box, view = dialog.query_one("#box").region, dialog.body
        parts = [part for part in view.query("*") if part.display and part.region.area]
        return (
            dialog.region.contains_region(box)
            and box.contains_region(view.region)
            and all(box.contains_region(fixed.region) for fixed in dialog.query("#hints, #hint, #new-run"))
            and len(parts) > 3
            and all(_can_be_scrolled_to(part, view) for part in parts)
        )

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for size in (*SIZES, (60, 18)):
            await pilot.resize_terminal(*size)
            await wait_for(pilot, lambda size=size: dialog.size == size and whole())  # type: ignore[misc]
            if size in SIZES:
                assert all(str(hint.content) in host.on_screen() for hint in dialog.query(KeyHint))
                _check_form(dialog)
                continue  # nothing to scroll to
            for row in dialog.query(Row):
                if row.display and row.control.focusable:
                    row.control.focus()
                    await wait_for(pilot, lambda row=row: dialog.body.region.contains_region(row.control.region))  # type: ignore[misc]

    await opened(dialog, body)


def _can_be_scrolled_to(part: Widget, view: Widget) -> bool:
    area = part.region.translate(view.scroll_offset - view.content_region.offset)
    return (
        area.x >= 0
        and area.y >= 0
        and area.right <= view.content_size.width
        and area.bottom <= view.virtual_size.height
    )


def _check_form(dialog: Dialog[Any]) -> None:
    """Check that a form at a usual size needs no scrolling, and that its fields stand under each other."""
    columns: dict[Any, set[int]] = {}
    for row in dialog.query(Row):
        if row.display:
            columns.setdefault(row.parent, set()).add(row.control.region.x)
    assert all(len(starts) == 1 for starts in columns.values())
    assert not columns or dialog.body.max_scroll_y == 0


@pytest.mark.parametrize("name", DIALOGS)
async def test_tiny_terminals_and_resizing_do_no_harm(name: str) -> None:
    dialog = DIALOGS[name]()

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for size in TINY:
            await pilot.resize_terminal(*size)
            await pilot.press("down", "up", "pagedown", "tab")
        assert host.screen is dialog
        await pilot.press("escape")
        await wait_for(pilot, lambda: host.answers == [None])

    await opened(dialog, body, (160, 45))


@pytest.mark.parametrize("name", DIALOGS)
async def test_a_click_on_the_key_line_cancels(name: str) -> None:
    dialog = DIALOGS[name]()

    async def body(host: Host, pilot: Pilot[None]) -> None:
        hint = next(hint for hint in dialog.query(KeyHint) if "esc" in str(hint.content))
        await pilot.click(hint)
        await wait_for(pilot, lambda: host.answers == [None])

    await opened(dialog, body)


@pytest.mark.parametrize("name", ["goto", "until", "edit", "export"])
async def test_the_first_field_has_the_focus_and_the_arrows_go_round(name: str) -> None:
    dialog = DIALOGS[name]()

    async def body(host: Host, pilot: Pilot[None]) -> None:
        controls = [row.control for row in dialog.query(Row) if row.display]
        assert dialog.focused is controls[0]
        await pilot.press("shift+tab")
        assert dialog.focused is controls[-1]
        await pilot.press("tab")
        assert dialog.focused is controls[0]
        if name != "until":
            for control in [*controls[1:], controls[0]]:
                await pilot.press("down")
                assert dialog.focused is control
            await pilot.press("up")
            assert dialog.focused is controls[-1]

    await opened(dialog, body)


# ── go to ────────────────────────────────────────────────────────────────────────────────────────────────────────────

schedules = st.builds(Schedule, st.integers(1, 400), st.integers(1, 400), st.integers(1, 10**6))


@given(schedules, st.data(), st.sampled_from([" ", "/", ".", "  ", " / ", " . ", "\t"]), st.sampled_from(["", " "]))
def test_parse_goto_reads_every_step_both_ways(schedule: Schedule, data: st.DataObject, between: str, pad: str) -> None:
    step = data.draw(st.integers(0, schedule.steps - 1))
    place = schedule.place(step)
    assert parse_goto(f"{pad}{step + 1}{pad}", schedule) == step
    assert parse_goto(f"{pad}{place.epoch + 1}{between}{place.batch + 1}{pad}", schedule) == step


@given(schedules, st.text())
def test_parse_goto_gives_a_step_of_the_run_or_an_input_error(schedule: Schedule, text: str) -> None:
    try:
        step = parse_goto(text, schedule)
    except InputError as error:
        message = str(error)
    else:
        message = "must be"
        assert 0 <= step < schedule.steps
    assert message.isprintable()
    assert "must be" in message


@given(schedules, st.integers(0), st.integers(0))
def test_parse_goto_refuses_what_the_run_has_not(schedule: Schedule, epoch: int, batch: int) -> None:
    if 1 <= epoch <= schedule.epochs and 1 <= batch <= schedule.batches:
        assert parse_goto(f"{epoch} {batch}", schedule) == (epoch - 1) * schedule.batches + batch - 1
    else:
        with pytest.raises(InputError, match="must be from 1 to"):
            parse_goto(f"{epoch} {batch}", schedule)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("x", "'x': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("1 2 3", "'1 2 3': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("-1", "'-1': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("3.", "'3.': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("٣", "'٣': must be a step from 1 to 64, or epoch and batch like 16 4"),
        ("0", "step 0: must be from 1 to 64"),
        ("65", "step 65: must be from 1 to 64"),
        ("17 1", "epoch 17: must be from 1 to 16"),
        ("3 5", "batch 5: must be from 1 to 4, the batches of an epoch"),
        ("9" * 5000, "step 9999999999999999999…: must be from 1 to 64"),
    ],
)
def test_parse_goto_says_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_goto(text, SCHEDULE)
    assert str(caught.value) == message


@pytest.mark.parametrize(("text", "step"), [("37", 36), ("3 2", 9), ("3/2", 9), ("3.2", 9), ("1", 0), ("64", 63)])
async def test_goto_returns_the_step(text: str, step: int) -> None:
    assert await answer(GotoDialog(SCHEDULE, 0, 1), *typed(text), "enter") == step


async def test_goto_shows_where_it_leads() -> None:
    dialog = GotoDialog(SCHEDULE, 9, 10)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        assert "now at step 10 of 64: epoch 3, batch 2" in host.on_screen()
        assert "a step from 1 to 64, or epoch and batch like 16 4" in host.on_screen()
        await pilot.press("1", "0")
        await wait_for(pilot, lambda: "step 10 of 64: epoch 3, batch 2, samples 33–65" in host.on_screen())
        assert "trained already" in host.on_screen()
        await pilot.press("backspace", "1")
        await wait_for(pilot, lambda: "will train 1 step first" in host.on_screen())
        await pilot.press("backspace", "backspace", "2", "2")
        await wait_for(pilot, lambda: "will train 12 steps first" in host.on_screen())
        await pilot.press("backspace", "backspace")
        await wait_for(pilot, lambda: "now at step 10" in host.on_screen())

    await opened(dialog, body)


async def test_goto_refuses() -> None:
    allowed = "must be a step from 1 to 64, or epoch and batch like 16 4"
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", allowed, "enter")
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", f"'{MARKUP}': {allowed}", *typed(MARKUP))
    await refused(GotoDialog(SCHEDULE, 0, 1), "goto", "step 65: must be from 1 to 64", "6", "5", "enter")


# ── until ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("number", "kind"), list(enumerate(CONDITIONS, 1)))
async def test_until_by_digit(number: int, kind: Any) -> None:
    value = "2.5" if kind.needs_value else ""
    choice = await answer(UntilDialog(None), str(number), *typed(value), "enter")
    assert (choice.key, choice.value) == (kind.key, value)
    assert choice.condition.text == kind.make(2.5).text


async def test_until_by_arrows_remembers_and_enables_the_threshold_only_where_needed() -> None:
    dialog = UntilDialog(("gradient", "1e-3"))

    async def body(host: Host, pilot: Pilot[None]) -> None:
        choice, value = dialog.query_one(Choice), dialog.query_one(TextField)
        assert (choice.value, value.value, value.disabled) == ("gradient", "1e-3", False)
        assert "until: gradient norm below 0.001" in host.unwrapped()
        await pilot.press("down")
        await wait_for(pilot, lambda: value.disabled)
        assert choice.value == "differs"
        await pilot.press("up", "up", "up")
        assert choice.value == "loss"
        assert not value.disabled
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    found = (await opened(dialog, body)).answers[0]
    assert (found.key, found.value, found.condition.text) == ("loss", "1e-3", "batch loss below 0.001")


@pytest.mark.parametrize("text", ["", "x", "0", "nan", "inf", MARKUP])
async def test_until_refuses(text: str) -> None:
    await refused(UntilDialog(None), "value", "must be a finite number above 0", "1", *typed(text), "enter")


async def test_until_by_mouse() -> None:
    dialog = UntilDialog(None)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.click(Choice, offset=(8, 3))
        assert dialog.query_one(Choice).value == "short"
        await pilot.click(next(iter(dialog.query(KeyHint))))
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(dialog, body)).answers[0].key == "short"


# ── edit ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

CONFIGS = (
    RunConfig(),
    RunConfig(dataset="make_regression", samples=50, train_size=10, noise=0.0, lr=1e-30, batch_size=7, epochs=3),
    RunConfig(dataset="diabetes", x="s5", seed=4, shuffle=True, standardize=True, dtype="float32", device="cuda:1"),
    RunConfig(dataset="tiny", lr=0.1, train_size=4, batch_size=2),
    RunConfig(data=MARKUP, x=ESCAPE, y="--lr: 'x", train_size=5),
    RunConfig(arithmetic="update+error-signal", mistake="no-x"),
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
    keys = ["down", *["backspace"] * 5, *typed("500"), "tab", *typed("5"), "tab", *typed("50"), "down", "left", "down",
            "space", "down", "home", "delete", "1"]  # fmt: skip
    result = await answer(EditDialog(RunConfig()), *keys, "enter")
    assert result.config == RunConfig(samples=500, noise=5.0, train_size=50, shuffle=True, standardize=True, lr=1.01)


async def test_edit_passes_on_only_what_applies_to_the_source() -> None:
    config = RunConfig(samples=500, noise=3.0, lr=0.5)
    assert (await answer(EditDialog(config), "right", "enter")).config == RunConfig(dataset="diabetes", lr=0.5)
    csv = await answer(EditDialog(config), *["right"] * 3, "down", *typed("a.csv"), "down", "u", "down", "v", "enter")
    assert csv.config == RunConfig(data="a.csv", x="u", y="v", lr=0.5)
    assert (await answer(EditDialog(config), "right", "right", "enter")).config == RunConfig(dataset="tiny", lr=0.5)
    assert (await answer(EditDialog(csv.config), *["left"] * 3, "enter")).config == RunConfig(lr=0.5)


async def test_edit_shows_only_what_applies_and_what_is_chosen_for_you() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for source, there in (
            ("make_regression", {"samples", "noise"}), ("diabetes", {"x"}), ("tiny", set()),
            ("csv", {"data", "x", "y"}),
        ):  # fmt: skip
            shown = {name for name, row in dialog.rows.items() if row.display}
            every = {"source", "train_size", "shuffle", "standardize", *form.TRAINING_FIELDS}
            assert shown == there | every
            fields = {name: row.control for name, row in dialog.rows.items() if isinstance(row.control, TextField)}
            for name in ("train_size", "batch_size"):
                assert fields[name].placeholder == form.placeholder(name, source)
                assert fields[name].placeholder in host.on_screen()
            await pilot.press("right")
        assert "applying starts a new run; the present one is forgotten unless p kept it" in host.on_screen()

    await opened(dialog, body)


WRONG = {
    "samples": "1", "train_size": "0", "noise": "-1", "lr": "0", "epochs": "1.5", "batch_size": "x", "seed": MARKUP,
    "device": "tpu",
}  # fmt: skip


async def test_edit_refuses_each_wrong_field_and_goes_there() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for name, text in WRONG.items():
            row = dialog.rows[name]
            assert isinstance(row.control, TextField)
            row.control.value = text
            await wait_for(pilot, lambda row=row: row.error == f"must be {FIELDS[row.field].allowed}")  # type: ignore[misc]
            assert f"✗ {row.error}" in host.unwrapped()
            await pilot.press("enter")
            assert dialog.focused is row.control
            assert not host.answers
            row.control.value = form.texts_of(RunConfig()).get(name, "")
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
    ],
)
async def test_edit_refuses_what_does_not_fit_together(values: dict[str, str], name: str, error: str) -> None:
    texts = form.texts_of(RunConfig()) | values
    await refused(EditDialog(RunConfig(), texts=texts), name, error, "enter")


async def test_edit_wants_a_path_for_a_csv_file() -> None:
    dialog = EditDialog(RunConfig())
    await refused(dialog, "data", "must be the path of a CSV file", *["right"] * 3, "enter")


async def test_edit_reopens_with_the_error_of_the_data_until_something_changes() -> None:
    texts = {"data": MARKUP + ESCAPE, "x": "a", "y": "b", "lr": "0.5"}
    error = InputError(f"--x '{MARKUP}: --y': {MARKUP} has the columns '--lr'", field="x")
    dialog = EditDialog(RunConfig(), texts=texts, error=error)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        row = dialog.rows["x"]
        await wait_for(pilot, lambda: row.error == f"{MARKUP} has the columns '--lr'")
        assert f"✗ {row.error}" in host.unwrapped()
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


@pytest.mark.parametrize("size", SIZES)
async def test_edit_has_two_columns_only_where_there_is_room(size: tuple[int, int]) -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: dialog.rows["lr"].region.height > 0)
        beside = dialog.rows["lr"].region.x > dialog.rows["samples"].region.right
        assert beside is (size == (160, 45))

    await opened(dialog, body, size)


def test_hints_fit_on_their_line() -> None:
    for source, _ in form.SOURCES:
        for name in form.FORM_FIELDS:
            assert len(form.hint(name, source)) <= 72


async def test_edit_choices_by_mouse() -> None:
    dialog = EditDialog(RunConfig())

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await pilot.click("#source", offset=(25, 0))
        assert dialog.query_one("#source", Choice).value == "diabetes"
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(host.answers))

    assert (await opened(dialog, body)).answers[0].config == RunConfig(dataset="diabetes")


# ── export ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_export_returns_path_and_verdicts(tmp_path: Path) -> None:
    path = str(tmp_path / f"{MARKUP.replace('/', '')}.csv")
    assert await answer(ExportDialog(path, 64), "enter") == ExportChoice(path, True)
    assert await answer(ExportDialog(path, 64), "down", "right", "enter") == ExportChoice(path, False)
    assert await answer(ExportDialog(path[:-4], 64), *typed(".jsonl"), "enter") == ExportChoice(
        path[:-3] + "jsonl", True
    )
    assert list(tmp_path.iterdir()) == []


async def test_export_expands_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert await answer(ExportDialog("", 1), *typed("~/a.csv"), "enter") == ExportChoice(str(tmp_path / "a.csv"), True)


async def test_export_says_what_it_writes_and_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("[red]x[").mkdir()
    Path(f"{MARKUP}.csv").write_text("old")
    dialog = ExportDialog(f"{MARKUP}.csv", 12_345)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "writes 12 345 steps, a row each" in host.on_screen())
        assert f"! {MARKUP}.csv exists and will be replaced" in host.on_screen()
        await pilot.press(*["backspace"] * 4, *typed(".jsonl"))
        await wait_for(pilot, lambda: "a line each, the vectors x, y, ŷ and ∂L/∂ŷ too" in host.unwrapped())
        assert "replaced" not in host.on_screen()

    await opened(dialog, body)


async def test_export_refuses(tmp_path: Path) -> None:
    await refused(ExportDialog("run.txt", 1), "path", "must end in .csv or .jsonl", "enter")
    empty = "must be the name of a file that ends in .csv or .jsonl"
    await refused(ExportDialog("", 1), "path", empty, "enter")
    (tmp_path / "folder.csv").mkdir()
    os_free = "cannot write 'nowhere/[red]x\\x1b[31m.csv': its folder does not exist"
    await refused(ExportDialog(f"nowhere/[red]x{ESCAPE}.csv", 1), "path", os_free, "enter")


# ── code ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("phase", Phase)
def test_code_is_the_real_source(phase: Phase) -> None:
    root = Path(code_lines.__file__).parents[1]
    for excerpt in code_for(phase):
        name, place = excerpt.title.split(" · ")
        file, line = place.split(":")
        assert name.split(".")[0] in ("SimpleLinearRegression", "TorchLinearRegression", "Replay")
        source = (root / file).read_text(encoding="utf-8").splitlines()
        assert excerpt.highlighted
        assert min(excerpt.highlighted) == int(line)
        assert excerpt.highlighted <= {number for number, _ in excerpt.lines}
        assert not excerpt.highlighted & excerpt.docstring
        for number, text in excerpt.lines:
            assert source[number - 1].strip() == text.strip()


def test_code_highlights_the_line_of_the_phase() -> None:
    def marked(phase: Phase) -> tuple[list[str], list[str]]:
        ours, theirs = ([t.strip() for n, t in e.lines if n in e.highlighted] for e in code_for(phase))
        return ours, theirs

    assert marked(Phase.BATCH)[0][0] == "rows = slice(place.start, place.stop)"
    assert marked(Phase.PREDICT) == (["return self.b + self.w * x"], ["y_pred = self(x)"])
    assert marked(Phase.LOSS) == (["return ((y_pred - y_true) ** 2).mean()"], ["loss = self.loss(y_pred, y)"])
    assert marked(Phase.WEIGHT_GRADIENT) == (["return torch.dot(dloss_dpred, x)"], ["loss.backward()"])
    assert marked(Phase.UPDATE) == (["self.b -= lr * grad_b", "self.w -= lr * grad_w"], ["optimizer.step()"])


def test_code_that_changed_its_shape_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TorchLinearRegression, "train_batch", lambda self: self)
    with pytest.raises(LookupError, match="holds 0 lines"):
        code_for(Phase.LOSS)


@pytest.mark.parametrize("size", SIZES)
async def test_code_turns_its_pages(size: tuple[int, int]) -> None:
    dialog = CodeDialog(Phase.ERROR_SIGNAL)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        def reads(phase: Phase) -> bool:
            screen = host.on_screen()
            lines = [t.strip() for e in code_for(phase) for n, t in e.lines if n in e.highlighted]
            head = f"Code · phase {phase:d}/7 {info(phase).name} " in screen
            return head and (size == (80, 24) or all(line.split("(")[0] in screen for line in lines))

        await wait_for(pilot, lambda: reads(Phase.ERROR_SIGNAL))
        assert "▶" in host.on_screen()
        for phase in (Phase.BIAS_GRADIENT, Phase.WEIGHT_GRADIENT, Phase.UPDATE, Phase.UPDATE):
            await pilot.press("right")
            await wait_for(pilot, lambda phase=phase: reads(phase))  # type: ignore[misc]
        for phase in reversed(list(Phase)[:-1]):
            await pilot.press("left")
            await wait_for(pilot, lambda phase=phase: reads(phase))  # type: ignore[misc]
            assert info(phase).why.split()[0] in str(dialog.query_one(".why", Static).content)
        await pilot.press("left", "q")
        await wait_for(pilot, lambda: host.answers == [None])

    await opened(dialog, body, size)


async def test_code_shows_both_marks_at_once_on_a_small_screen() -> None:
    dialog = CodeDialog(Phase.PREDICT)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        for phase in list(Phase)[1:]:
            count = sum(len(excerpt.highlighted) for excerpt in code_for(phase))
            title = f"phase {phase:d}/7"
            await wait_for(pilot, lambda n=count, t=title: t in (s := host.on_screen()) and s.count("▶") == n)  # type: ignore[misc]
            await pilot.press("right")

    await opened(dialog, body, (80, 24))


# ── help ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_help_lists_everything_by_its_keys() -> None:
    dialog = HelpScreen({"goto": "ctrl+n", "quit": "Q"})

    async def body(host: Host, pilot: Pilot[None]) -> None:
        screen = host.unwrapped()
        for entry in PHASES:
            assert entry.formula.split("  ")[0] in screen
        assert 0 < dialog.body.max_scroll_y < dialog.body.size.height  # a second page, at its end
        await pilot.press("space")
        await wait_for(pilot, lambda: dialog.body.scroll_y == dialog.body.max_scroll_y)
        screen += host.unwrapped()
        for key in KEYS:
            assert key.tooltip in screen
        for words in ("= identical", "≈ rounding", "≠ differs", "LIVE 64", "PAST 10/64", "ulps", "^n Go to", "Q Quit"):
            assert words in screen
        assert " g Go to" not in screen

    await opened(dialog, body, (160, 45))


@pytest.mark.parametrize("key", ["escape", "q", "question_mark", "f1"])
async def test_help_closes(key: str) -> None:
    assert await answer(HelpScreen({}), key) is None


async def test_help_scrolls() -> None:
    dialog = HelpScreen({})

    async def body(host: Host, pilot: Pilot[None]) -> None:
        last = dialog.body.max_scroll_y
        assert last > 20
        page = dialog.body.size.height
        for key, at in (("j", 1), ("down", 2), ("k", 1), ("up", 0), ("space", page), ("pageup", 0), ("pagedown", page),
                        ("end", last), ("home", 0)):  # fmt: skip
            await pilot.press(key)
            await wait_for(pilot, lambda at=at: dialog.body.scroll_y == at)  # type: ignore[misc]

    await opened(dialog, body)


@pytest.mark.parametrize("name", ["help", "code"])
async def test_a_new_theme_redraws_the_page(name: str) -> None:
    dialog = DIALOGS[name]()

    async def body(host: Host, pilot: Pilot[None]) -> None:
        before, height = host.on_screen(), dialog.body.region.height
        host.theme = "textual-light"
        await wait_for(pilot, lambda: host.on_screen() == before and dialog.body.region.height == height)

    await opened(dialog, body)

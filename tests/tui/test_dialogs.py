"""What holds of every dialog: all of it is in sight, tiny terminals do no harm, keys and mouse go round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from app_helpers import COMPACT, FULL, running, text
from dialog_helpers import SCHEDULE, SIZES, TINY, Host, opened, wait_for
from textual.pilot import Pilot
from textual.widget import Widget

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.phases import Phase
from tui_linreg.tui.dialogs.base import Dialog, KeyHint
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.dialogs.controls import Row
from tui_linreg.tui.features.editing.edit_dialog import EditDialog
from tui_linreg.tui.features.files import ExportDialog
from tui_linreg.tui.features.reading.glossary_dialog import GlossaryDialog
from tui_linreg.tui.features.reading.help_dialog import HelpScreen
from tui_linreg.tui.features.stepping.dialogs import GotoDialog, UntilDialog
from tui_linreg.tui.features.student.dialog import StudentDialog

DIALOGS: dict[str, Callable[[], Dialog[Any]]] = {
    "goto": lambda: GotoDialog(SCHEDULE, 9, 10),
    "until": lambda: UntilDialog(("loss", "0.5")),
    "edit": lambda: EditDialog(RunConfig()),
    "edit csv": lambda: EditDialog(RunConfig(data="a.csv")),
    "export": lambda: ExportDialog("run.csv", 64),
    "code": lambda: CodeDialog(Phase.PREDICT),
    "help": lambda: HelpScreen({}),
    "glossary": lambda: GlossaryDialog("ulp"),
    "student": lambda: StudentDialog(None, None, ()),
}


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
                # How a file is written takes four more rows, which are below the others.
                _check_form(dialog, scrolls=name == "edit csv" and size == (80, 24))
                if dialog.body.max_scroll_y == 0:
                    continue
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


def _check_form(dialog: Dialog[Any], *, scrolls: bool) -> None:
    """Check that a form at a usual size needs no scrolling (or `scrolls`); its fields stand under each other."""
    columns: dict[Any, set[int]] = {}
    for row in dialog.query(Row):
        if row.display:
            columns.setdefault(row.parent, set()).add(row.control.region.x)
    assert all(len(starts) == 1 for starts in columns.values())
    assert not columns or scrolls or dialog.body.max_scroll_y == 0


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
        if name == "edit":  # which begins below the data source, with η
            controls = [*controls[1:], controls[0]]
            assert isinstance(dialog, EditDialog)
            assert controls[0] is dialog.rows["lr"].control
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


async def test_a_dialog_fits_each_new_size() -> None:
    async with running(COMPACT) as (app, pilot):
        await pilot.press("e")
        dialog = app.screen
        assert isinstance(dialog, Dialog)
        for size, classes in ((FULL, {"-wide", "-tall"}), (COMPACT, {"-narrow", "-short"})):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert classes <= dialog.classes
            assert len(dialog.classes & {"-wide", "-narrow", "-tall", "-short"}) == 2
            assert dialog.region.contains_region(dialog.query_one("#box").region)
            assert "Edit the run" in text(app)

"""The export dialog: what it returns, says and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import typed
from dialog_helpers import ESCAPE, MARKUP, Host, answer, opened, refused, wait_for
from textual.pilot import Pilot

from tui_linreg.tui.features.files import ExportChoice, ExportDialog


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
    for path in ("~/a.csv", "'~/a.csv'"):
        assert await answer(ExportDialog("", 1), *typed(path), "enter") == ExportChoice(str(tmp_path / "a.csv"), True)


async def test_export_says_what_it_writes_and_replaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("[red]x[").mkdir()
    Path(f"{MARKUP}.csv").write_text("old")
    dialog = ExportDialog(f"{MARKUP}.csv", 12_345)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "writes 12 345 steps, a row each; counted from 0" in host.on_screen())
        assert f"! {MARKUP}.csv exists; enter twice replaces it" in host.on_screen()
        await pilot.press(*["backspace"] * 4, *typed(".jsonl"))
        await wait_for(pilot, lambda: "a line each, the vectors x, y, ŷ and ∂L/∂ŷ too" in host.unwrapped())
        assert "replaced" not in host.on_screen()

    await opened(dialog, body)


async def test_export_replaces_a_file_at_the_second_enter_alone(tmp_path: Path) -> None:
    for name in ("there.csv", "other.csv"):
        (tmp_path / name).write_text("old")
    there, other = str(tmp_path / "there.csv"), str(tmp_path / "other.csv")
    await refused(ExportDialog(there, 1), "path", "exists; enter again replaces it", "enter")
    assert await answer(ExportDialog(there, 1), "enter", "enter") == ExportChoice(there, True)
    renamed = ["home", "ctrl+k", *typed(other)]
    await refused(ExportDialog(there, 1), "path", "exists; enter again replaces it", "enter", *renamed, "enter")
    assert await answer(ExportDialog(there, 1), "enter", *renamed, "enter", "enter") == ExportChoice(other, True)


async def test_export_refuses(tmp_path: Path) -> None:
    await refused(ExportDialog("run.txt", 1), "path", "must end in .csv, .jsonl, .ipynb or .py", "enter")
    empty = "must be the name of a file that ends in .csv, .jsonl, .ipynb or .py"
    await refused(ExportDialog("", 1), "path", empty, "enter")
    (tmp_path / "folder.csv").mkdir()
    os_free = "cannot write 'nowhere/[red]x\\x1b[31m.csv': its folder does not exist"
    await refused(ExportDialog(f"nowhere/[red]x{ESCAPE}.csv", 1), "path", os_free, "enter")


@pytest.mark.parametrize("ending", [".ipynb", ".py"])
async def test_the_run_as_code_is_offered_and_refused_for_a_reason(ending: str, tmp_path: Path) -> None:
    path = str(tmp_path / f"run{ending}")
    assert await answer(ExportDialog(path, 64), "enter") == ExportChoice(path, True)
    why = "the code is hidden until the decision"
    await refused(ExportDialog(path, 64, no_code=why), "path", f"{ending}: {why}", "enter")

    async def body(host: Host, pilot: Pilot[None]) -> None:
        await wait_for(pilot, lambda: "writes this run as a" in host.unwrapped())
        assert "plain PyTorch" in host.unwrapped()
        assert "counted from 0" not in host.unwrapped()

    await opened(ExportDialog(path, 64), body)

"""`tui-linreg serve` in a real browser: keys, charts, lessons, downloads, reloading, and when it is full."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from served import Page, browser_path, browsing, serving, until

from tui_linreg.engine import RunConfig, Session

pytestmark = [
    pytest.mark.skipif(browser_path() is None, reason="no Chromium here"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc"),
]


async def focus(page: Page) -> str:
    """Return the class or the id of what has the focus."""
    return str(await page.find("document.activeElement.id || document.activeElement.className"))


async def test_keys_charts_and_a_lesson_without_a_click_and_nothing_from_outside(tmp_path: Path) -> None:
    with serving(tmp_path, "--dataset", "tiny") as served:
        async with browsing(tmp_path) as page:
            await page.open(served.url)
            await page.shows("LIVE step 1")
            await page.shows("phase 1/7")
            assert await focus(page) == "xterm-helper-textarea"
            await page.press("right")
            await page.shows("phase 2/7")
            await page.press("down", "down")
            await page.shows("LIVE step 3")
            await page.press("2")
            await page.shows("2 Loss")
            await page.press("L")
            await page.shows("Lessons")
            await page.press("enter")
            await page.shows("LESSON")
            assert await page.find("document.fonts.check('16px \"Roboto Mono\"')")
            own = (served.url, served.url.replace("http", "ws"))
            assert any(each.endswith("static/js/textual.js") for each in page.requests)
            assert all(each.startswith((*own, "data:")) for each in page.requests), page.requests


async def test_an_answer_in_a_lesson_is_checked_and_progress_stays_in_the_session(tmp_path: Path) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "own.md").write_text(
        "---\nid: own\ntitle: The only number\nminutes: 1\ndataset: tiny\n---\n"
        "## To count\n\nThe header says it.\n\n## Task: Count\n\n"
        "How many train?\n\nanswer: number 6 tolerance 0\nhint: Six.\n",
        encoding="utf-8",
    )
    home = tmp_path / "home"
    home.mkdir()
    with serving(home, "--lessons", str(folder)) as served:
        async with browsing(tmp_path) as page:
            await page.open(served.url)
            await page.shows("LIVE step 1")
            await page.press("L")
            await page.shows("The only number")
            await page.press("end", "enter")
            await page.shows("The header says it.")
            await page.press("enter")
            await page.shows("How many train?")
            await page.press("enter", "6", "enter")
            await page.shows("✓")
    assert [path for path in home.rglob("*") if path.is_file()] == [], "nothing is kept on the server"
    assert not (tmp_path / "progress.json").exists()


async def test_exports_and_pictures_are_downloads_and_the_form_asks_for_no_file(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    with serving(here) as served:
        async with browsing(tmp_path) as page:
            await page.open(served.url)
            await page.shows("LIVE step 1")
            await page.press("down")
            await page.shows("LIVE step 2")
            await page.press("x")
            await page.shows("browser saves it")
            await page.press("enter")
            await page.shows("2 steps sent to your browser as 'tui-linreg-trace.csv'")
            await page.press("s")
            await page.shows("screenshot sent to your browser: tui-linreg-step-2.svg")
            await until(lambda: len(page.downloads) == 2, "two downloads")
            await page.press("e")
            await page.shows("Edit the run")
            assert "make_regression" in page.text
            assert "CSV" not in page.text
    downloads = tmp_path / "downloads"
    with (downloads / "tui-linreg-trace.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    session = Session(RunConfig())
    session.train_to(2)
    steps = [session.step(number) for number in range(2)]
    assert [float(row["scratch_grad_w"]) for row in rows] == [step.scratch.grad_w for step in steps]
    assert [float(row["torch_b_after"]) for row in rows] == [step.torch.b_after for step in steps]
    assert "One mini-batch" in (downloads / "tui-linreg-step-2.svg").read_text().replace("&#160;", " ")
    assert list(here.iterdir()) == []


async def test_reloading_and_leaving_end_a_process_and_a_full_server_says_so(tmp_path: Path) -> None:
    with serving(tmp_path, "--max-sessions", "1", "--dataset", "tiny") as served:
        async with browsing(tmp_path) as page:
            await page.open(served.url)
            await page.shows("LIVE step 1")
            (first,) = served.sessions
            await page.press("down")
            await page.shows("LIVE step 2")
            await page.call("Page.reload")
            await until(lambda: served.sessions and first not in served.sessions, "another process")
            await page.shows("LIVE step 1")
            async with browsing(tmp_path / "other") as other:
                await other.open(served.url)
                await until(lambda: len(other.requests) == 1, "the page")
                await until_holds(other, "document.body && document.body.innerText.includes('All places are taken')")
                assert "--max-sessions" in str(await other.find("document.body.innerText"))
                await page.press("q")
                await until_holds(page, "document.activeElement.id == 'again'")
                await until(lambda: not served.sessions, "the end of the process")
                await other.call("Page.reload")
                await other.shows("LIVE step 1")
            await until(lambda: not served.sessions, "the end of a closed tab's process")
            await page.press("enter")  # the button has the focus
            await until(lambda: len(served.sessions) == 1, "a new session")


async def until_holds(page: Page, expression: str) -> None:
    """Wait until something holds in the page."""
    for _ in range(600):
        if await page.find(f"!!({expression})"):
            return
        await page.find("new Promise(done => setTimeout(done, 100))")
    raise AssertionError(f"never: {expression}")

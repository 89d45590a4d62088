"""The code view and the help: the real source, every key, and how to leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from app_helpers import lines
from dialog_helpers import SIZES, Host, answer, opened, wait_for
from textual.pilot import Pilot
from textual.widgets import Static

import tui_linreg
from tui_linreg.engine.models.reference import TorchLinearRegression
from tui_linreg.engine.phases import PHASES, Phase, info
from tui_linreg.study.code_lines import code_for
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.dialogs.code import CodeDialog
from tui_linreg.tui.features.reading.help_dialog import HelpScreen


@pytest.mark.parametrize("phase", Phase)
def test_code_is_the_real_source(phase: Phase) -> None:
    root = Path(tui_linreg.__file__).parent
    for excerpt in code_for(phase):
        name, place = excerpt.title.split(" · ")
        file, line = place.split(":")
        assert name.split(".")[0] in ("SimpleLinearRegression", "TorchLinearRegression", "Batches")
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

    assert marked(Phase.BATCH) == (
        ["ours = zip(torch.split(x, size), torch.split(y, size), strict=True)"],
        ["theirs = zip(torch.split(x.unsqueeze(1), size), torch.split(y.unsqueeze(1), size), strict=True)"],
    )
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


async def test_help_lists_everything_by_its_keys() -> None:
    dialog = HelpScreen({"goto": "ctrl+n", "quit": "Q"})

    def columns(host: Host) -> str:
        """Each column by itself: a text may go on in the next line."""
        areas = [column.region for column in dialog.query(".column")]
        return " ".join(" ".join(line[area.x : area.right] for line in lines(host)) for area in areas)

    async def body(host: Host, pilot: Pilot[None]) -> None:
        seen = columns(host)
        at, end = 0, dialog.body.max_scroll_y
        assert end > 0
        while at < end:
            at = min(at + dialog.body.size.height, end)
            await pilot.press("space")
            await wait_for(pilot, lambda at=at: dialog.body.scroll_y == at)  # type: ignore[misc]
            seen += columns(host)
            at -= at < end  # a text of two lines may lie on both pages
            dialog.body.scroll_to(y=at, animate=False)
            await wait_for(pilot, lambda at=at: dialog.body.scroll_y == at)  # type: ignore[misc]
            seen += columns(host)
        screen = " ".join(seen.split())
        for entry in PHASES:
            assert entry.formula.split("  ")[0] in screen
        for key in COMMANDS:
            assert key.tooltip in screen
        for words in (
            "= identical",
            "≈ rounding",
            "≠ differs",
            "LIVE step 64",
            "PAST step 10/64",
            "1 ulp",
            "tui-linreg step The same line by line",
            "… serve The app in a browser.",
            "… notebook This run as a notebook",
            "^n Go to",
            "Q Quit",
        ):
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


@pytest.mark.parametrize("make", [lambda: HelpScreen({}), lambda: CodeDialog(Phase.PREDICT)], ids=["help", "code"])
async def test_a_new_theme_redraws_the_page(make: Callable[[], HelpScreen | CodeDialog]) -> None:
    dialog = make()

    async def body(host: Host, pilot: Pilot[None]) -> None:
        before, height = host.on_screen(), dialog.body.region.height
        host.theme = "textual-light"
        await wait_for(pilot, lambda: host.on_screen() == before and dialog.body.region.height == height)

    await opened(dialog, body)

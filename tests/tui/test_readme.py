"""What README.md tells its readers to try, tried: each key and command as it stands there, each claim on the screen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from app_helpers import quiet, running, text, typed
from cli_helpers import Run, runner

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings, Start

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
KEYS = {"↑": "up", "↓": "down", "←": "left", "→": "right", "F6": "f6", "enter": "enter", "escape": "escape"}


@dataclass(frozen=True, slots=True)
class Try:
    """One item of a list in README: the commands and keys in `code`, and the claims in *italics*, in their order."""

    words: str
    parts: tuple[tuple[str, str], ...]


def items(heading: str) -> list[Try]:
    section = README.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = []
    for item in re.split(r"^(?:\d\.|-) ", section, flags=re.MULTILINE)[1:]:
        flat = " ".join(item.split())
        title = re.match(r"\*\*(.*?)\*\*", flat)
        assert title is not None
        marked = re.findall(r"`([^`]+)`|(?<!\*)\*([^*]+)\*(?!\*)", flat[flat.index("`tui-linreg") :])
        parts = tuple(("code", code) if code else ("claim", claim) for code, claim in marked)
        found.append(Try(title[1], parts))
    return found


THINGS = items("Three things to try")
REASONS = items("If you came here because …")


def options(command: str) -> RunConfig:
    words = command.split()[1:]
    assert all(option.startswith("--") for option in words[::2])
    return RunConfig.read(
        {option[2:].replace("-", "_"): value for option, value in zip(words[::2], words[1::2], strict=True)}
    )


def flat(said: str) -> str:
    return " ".join(re.sub("[│╭╮╰╯─]", " ", said).split())


async def follow(parts: tuple[tuple[str, str], ...], start: Start) -> int:
    """Press the keys in the app that the first part starts; return how many claims were found on the screen."""
    config = options(parts[0][1])
    chosen = {name: getattr(config, name) for name in ("seed", "lr", "dataset")}
    seen = 0
    async with running((120, 36), Settings(start=start), device="cpu", **chosen) as (app, pilot):
        if start == "first phase":
            await pilot.press(*["right"] * 6)
        for kind, said in parts[1:]:
            if kind == "code":
                for key in [KEYS[said]] if said in KEYS else typed(said):
                    await pilot.press(key)
                    await quiet(app, pilot)
            else:
                assert said in flat(text(app)), f"{said!r} is not on the screen"
                seen += 1
    return seen


def test_there_are_three_things_and_four_reasons() -> None:
    assert (len(THINGS), len(REASONS)) == (3, 4)


@pytest.mark.parametrize("start", ["first phase", "last phase"])
@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: thing.words)
async def test_what_is_to_be_tried_shows_what_is_said(thing: Try, start: Start) -> None:
    assert await follow(thing.parts, start) >= 4


@pytest.mark.parametrize("reason", REASONS[:3], ids=lambda reason: reason.words)
def test_each_command_prints_what_is_said(
    reason: Try, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run: Run = runner(capsys, monkeypatch, tmp_path)
    printed, claims = "", 0
    for kind, said in reason.parts:
        if kind == "claim":
            assert said in printed, f"{said!r} is not printed"
            claims += 1
        elif said.startswith("tui-linreg ") and not said.startswith("tui-linreg --"):
            result = run(*said.split()[1:])
            printed = " ".join((result.out + result.err).split())
    assert claims


async def test_the_small_run_is_written_out() -> None:
    assert await follow(REASONS[3].parts, "last phase") == 2

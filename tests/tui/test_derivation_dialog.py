"""The derivation on the screen: the step's numbers in their colours, the keys, the clipboard, and every size."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import dialog_helpers
import numpy as np
import pytest
from app_helpers import straight_run
from derivation_helpers import made
from dialog_helpers import wait_for
from engine_helpers import line_data
from rich.cells import cell_len
from textual.pilot import Pilot

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase, info
from tui_linreg.engine.step import Step
from tui_linreg.study.derivation.derivation import as_latex, as_text, derivation
from tui_linreg.tui.dialogs.base import KeyHint
from tui_linreg.tui.features.reading import derivation_dialog as module
from tui_linreg.tui.features.reading.derivation_dialog import DerivationDialog
from tui_linreg.tui.styles import DARK, LIGHT, Styles

DARK_COLOURS = Styles.of({}, dark=True).colours


class Host(dialog_helpers.Host):
    """Shows one dialog in the app's own themes and keeps what is handed to the clipboard."""

    def __init__(self, dialog: DerivationDialog) -> None:
        super().__init__(dialog)
        self.copied: list[str] = []
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)
        super().copy_to_clipboard(text)

    def colours(self) -> list[tuple[str, str]]:
        """Text and foreground colour of all that is on the screen."""
        segments = [segment for strip in self.screen._compositor.render_strips() for segment in strip]
        return [
            (s.text, s.style.color.triplet.hex) for s in segments if s.style and s.style.color and s.style.color.triplet
        ]


@asynccontextmanager
async def opened(
    step: Step, phase: Phase, size: tuple[int, int] = (120, 60), **options: Any
) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    host = Host(DerivationDialog(step, phase, **options))
    async with host.run_test(size=size) as pilot:
        await wait_for(pilot, lambda: host.screen is host.dialog and f"phase {phase:d}/7" in host.unwrapped())
        yield host, pilot


def default(k: int = 0) -> Step:
    return straight_run(5)[k]


def words(text: str) -> str:
    return " ".join(text.split())


# ── numbers and colours ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("phase", list(Phase)[1:])
async def test_the_steps_numbers_are_on_the_screen(phase: Phase) -> None:
    step = default(2)
    x, y = step.x.numpy(), step.y.numpy()
    b, w = step.scratch.b_before, step.scratch.w_before
    error, m = b + w * x - y, len(x)
    signal = 2 * error / m
    expected = {
        Phase.PREDICT: b + w * x[0], Phase.LOSS: np.mean(error**2), Phase.ERROR_SIGNAL: signal[0],
        Phase.BIAS_GRADIENT: signal.sum(), Phase.WEIGHT_GRADIENT: signal @ x, Phase.UPDATE: b - step.lr * signal.sum(),
    }  # fmt: skip
    async with opened(step, phase) as (host, _):
        own = host.unwrapped().split("With this batch's own numbers")[1]
        ends = [float(text) for text in re.findall(r"≈ (-?[0-9][-+0-9.e]*[0-9])(?= |$)", own)]
        assert any(end == pytest.approx(expected[phase], rel=1e-12) for end in ends)
        for heading in ("General form", "With shapes", "Vectorised"):
            assert heading in host.unwrapped()


@pytest.mark.parametrize(
    ("theme", "table"), [(DARK.name, DARK_COLOURS), (LIGHT.name, Styles.of({}, dark=False).colours)]
)
async def test_derivatives_have_the_main_screens_hues(theme: str, table: Mapping[str, str]) -> None:
    linked = {
        "∂L/∂ŷ": "dloss_dpred",
        "∂L/∂b": "dpred_db",
        "∂ŷ/∂b": "dpred_db",
        "∂L/∂w": "dpred_dw",
        "∂ŷ/∂w": "dpred_dw",
    }
    async with opened(default(), Phase.WEIGHT_GRADIENT) as (host, pilot):
        host.theme = theme  # while it is open
        for phase, symbols in ((6, {"∂L/∂ŷ", "∂L/∂w", "∂ŷ/∂w"}), (5, {"∂L/∂ŷ", "∂L/∂b", "∂ŷ/∂b"})):
            wanted = {(symbol, table[linked[symbol]]) for symbol in symbols}
            await wait_for(pilot, lambda: f"phase {phase}/7" in host.unwrapped() and wanted <= set(host.colours()))  # noqa: B023
            assert {pair for pair in host.colours() if pair[0] in linked} == wanted
            await pilot.press("left")


async def test_without_colour_every_word_is_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(default(), Phase.WEIGHT_GRADIENT) as (host, _):
        coloured = host.on_screen()
    monkeypatch.setenv("NO_COLOR", "1")
    async with opened(default(), Phase.WEIGHT_GRADIENT) as (host, _):
        assert host.on_screen() == coloured
        assert all(len({colour[i : i + 2] for i in (1, 3, 5)}) == 1 for _, colour in host.colours())


async def test_what_does_not_follow_is_said_unless_it_is_secret() -> None:
    step, wrong = straight_run(1, mistake="no-x")[0], MISTAKES["no-x"].phase
    async with opened(step, wrong) as (host, pilot):
        assert "≠ what was computed does not follow from these numbers" in host.unwrapped()
        assert ("≠", DARK_COLOURS["differs"]) in [(text.strip(), colour) for text, colour in host.colours()]
        await pilot.press("left")
        await wait_for(pilot, lambda: f"phase {wrong - 1}/7" in host.unwrapped())
        assert "≠" not in host.unwrapped()
    async with opened(step, wrong, judged=False) as (host, pilot):
        for key in ("x", "left", "right", "t", "L"):
            assert "≠" not in host.unwrapped()
            assert "≟" in host.unwrapped()
            await pilot.press(key)
        assert not any("≠" in text or "neq" in text for text in host.copied)


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_arrows_never_go_beyond_the_cursor() -> None:
    step = default(1)
    later = repr(step.scratch.grad_b), repr(step.scratch.grad_w), repr(step.scratch.w_after)
    async with opened(step, Phase.ERROR_SIGNAL) as (host, pilot):
        assert "epoch 1, batch 2 · phases 5–7 not computed yet" in host.unwrapped()
        for key in ("right", "l"):
            await pilot.press(key)
            await wait_for(pilot, lambda: "phase 5 is not computed yet" in host.unwrapped())
            assert f"phase 4/7 {info(Phase.ERROR_SIGNAL).name}" in host.unwrapped()
        for phase in (3, 2, 1, 1):
            await pilot.press("left" if phase % 2 else "h")
            await wait_for(pilot, lambda phase=phase: f"phase {phase}/7 {info(Phase(phase)).name}" in host.unwrapped())  # type: ignore[misc]
            assert words(as_text(derivation(step, Phase(phase)), 104).partition("\n")[2]) in host.unwrapped()
            assert not any(number in host.unwrapped() for number in later)
        await pilot.press(*["right"] * 9)
        await wait_for(pilot, lambda: "phase 4/7" in host.unwrapped())
    async with opened(step, Phase.UPDATE) as (host, pilot):
        assert "epoch 1, batch 2 · all phases computed" in host.unwrapped()
        await pilot.press("right")
        assert "phase 7/7" in host.unwrapped()


@pytest.mark.parametrize("key", ["x", "n"])
async def test_index_notation_comes_and_goes_and_is_brought_into_sight(key: str) -> None:
    async with opened(default(), Phase.WEIGHT_GRADIENT, (80, 24)) as (host, pilot):
        assert "Index notation" not in host.unwrapped()
        await pilot.press(key)
        await wait_for(pilot, lambda: "Index notation" in host.unwrapped() and "δₚₖ" in host.unwrapped())
        await wait_for(pilot, lambda: "factor of w is xₚ" in host.unwrapped())
        await pilot.press("left")
        await wait_for(pilot, lambda: "phase 5/7" in host.unwrapped() and "General form" in host.unwrapped())
        await pilot.press("end")
        await wait_for(pilot, lambda: "Index notation" in host.unwrapped())
        await pilot.press(key)
        await pilot.press("end")
        await wait_for(pilot, lambda: "Index notation" not in host.unwrapped() and "own numbers" in host.unwrapped())


@pytest.mark.parametrize(("key", "form"), [("t", "text"), ("c", "text"), ("L", "LaTeX")])
async def test_what_is_shown_is_copied(key: str, form: str) -> None:
    write = as_text if form == "text" else as_latex
    step = default()
    async with opened(step, Phase.LOSS) as (host, pilot):
        await pilot.press(key)
        await wait_for(pilot, lambda: f"✓ copied as {form}: " in host.unwrapped())
        await pilot.press("x", key, "left", key)
        wanted = [
            write(derivation(step, Phase.LOSS)),
            write(derivation(step, Phase.LOSS, index_notation=True)),
            write(derivation(step, Phase.PREDICT, index_notation=True)),
        ]
        await wait_for(pilot, lambda: host.copied == wanted)
        assert host.clipboard == wanted[-1]
        await wait_for(
            pilot, lambda: f"{len(wanted[-1].splitlines())} lines, if the terminal allows it" in host.unwrapped()
        )
        await pilot.press("right")
        await wait_for(pilot, lambda: "copied" not in host.unwrapped())


@pytest.mark.parametrize("key", ["d", "q", "escape"])
async def test_closing(key: str) -> None:
    async with opened(default(), Phase.PREDICT) as (host, pilot):
        await pilot.press(key)
        await wait_for(pilot, lambda: host.answers == [None])
        assert host.copied == []


async def test_a_click_does_what_the_key_does() -> None:
    async with opened(default(), Phase.PREDICT, (80, 24)) as (host, pilot):
        hints = {str(hint.content).partition(" ")[0]: hint for hint in host.dialog.query(KeyHint)}
        await pilot.click(hints["L"])
        await wait_for(pilot, lambda: host.copied == [as_latex(derivation(default(), Phase.PREDICT))])
        await pilot.click(hints["esc"])
        await wait_for(pilot, lambda: host.answers == [None])


# ── sizes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("size", [(160, 45), (80, 24), (60, 18)])
async def test_every_line_can_be_read_at_every_size(size: tuple[int, int]) -> None:
    step = default()
    async with opened(step, Phase.UPDATE, (100, 30)) as (host, pilot):
        await pilot.press("x")
        await pilot.resize_terminal(*size)
        await wait_for(pilot, lambda: host.dialog.size == size)
        await pilot.press("home")
        await pilot.pause()
        for phase in reversed(Phase):
            await wait_for(pilot, lambda phase=phase: f"phase {phase:d}/7" in host.unwrapped())  # type: ignore[misc]
            body = host.dialog.body
            width = host.dialog.query("SectionView").first().content_size.width
            assert width >= min(size[0] - 6, 100)
            seen: set[str] = set()
            for _ in range(12):
                seen |= {words(line.strip("│ ▁▂▃▄▅▆▇█")) for line in host.on_screen().replace("│", "\n").splitlines()}
                if body.scroll_offset.y >= body.max_scroll_y:
                    break
                await pilot.press("space")
                await pilot.pause()
            wanted = as_text(derivation(step, phase, index_notation=True), width).splitlines()[2:]
            assert max(map(cell_len, wanted)) <= width
            assert {words(line) for line in wanted} <= seen | {""}
            text = host.unwrapped()
            hints = [str(hint.content) for hint in host.dialog.query(KeyHint) if hint.display]
            assert len(hints) == (5 if size[0] == 60 else 6)
            assert all(hint in text for hint in hints)
            assert "batch 1 · all phases computed" in text
            await pilot.press("left")


@pytest.mark.parametrize("size", [(30, 8), (3, 2)])
async def test_tiny_terminals_do_no_harm(size: tuple[int, int]) -> None:
    async with opened(default(), Phase.UPDATE) as (host, pilot):
        await pilot.resize_terminal(*size)
        await pilot.press("x", "down", "left", "t", "pagedown", "right")
        await wait_for(pilot, lambda: len(host.copied) == 1)
        await pilot.resize_terminal(80, 24)
        await wait_for(pilot, lambda: "phase 7/7" in host.unwrapped())


async def test_odd_numbers_are_shown() -> None:
    step = made([1e300, float("nan"), 1e-300], [1.0, float("-inf"), 2.0], 1e300, -1e300, 1e-300)
    async with opened(step, Phase.UPDATE, (60, 18)) as (host, pilot):
        for phase in reversed(Phase):
            await pilot.press("end")
            await wait_for(pilot, lambda phase=phase: f"phase {phase:d}/7" in host.unwrapped())  # type: ignore[misc]
            await pilot.press("left")
        await wait_for(pilot, lambda: "1.0000e+300" in host.unwrapped() or "nan" in host.unwrapped())


async def test_a_million_samples_are_judged_once_a_phase(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Phase] = []

    def counted(step: Step, phase: Phase, **options: Any) -> Any:
        asked.append(phase)
        return derivation(step, phase, **options)

    monkeypatch.setattr(module, "derivation", counted)
    step = made(*line_data(2, 10**6), 0.7, -1.3)
    async with opened(step, Phase.WEIGHT_GRADIENT) as (host, pilot):
        await pilot.press("x", "t", "L", "x", "left", "right", "left", "right", "t")
        await wait_for(pilot, lambda: len(host.copied) == 3)
        await pilot.resize_terminal(60, 18)
        assert asked == [Phase.WEIGHT_GRADIENT, Phase.BIAS_GRADIENT]
        assert "≠" not in host.copied[0]

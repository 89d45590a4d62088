"""The pictures of `screenshots/` show what the app draws; `tests/helpers/draw_screenshots.py` draws them anew."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from html import unescape

import pytest
from draw_screenshots import (
    FOLDER,
    FRAMES,
    SCENES,
    TOUR,
    Scene,
    browser_path,
    digest,
    digest_in,
    draw,
    draw_tour,
    words,
)
from moving_picture import frames_in

MOVING = FOLDER / f"{TOUR.name}.svg"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_picture_is_what_the_app_draws(scene: Scene) -> None:
    stored = (FOLDER / f"{scene.name}.svg").read_text(encoding="utf-8")
    assert words(stored, scene.last_bits) == words(await draw(scene), scene.last_bits)


@pytest.mark.skipif(browser_path() is None, reason="no Chromium here, so that no PNG can be drawn from a new SVG")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_png_was_drawn_from_the_svg(scene: Scene) -> None:
    stored = (FOLDER / f"{scene.name}.svg").read_text(encoding="utf-8")
    assert digest_in((FOLDER / f"{scene.name}.png").read_bytes()) == digest(stored)


async def test_moving_picture_is_what_the_app_draws() -> None:
    stored, drawn = frames_in(MOVING.read_text(encoding="utf-8")), frames_in(await draw_tour())
    assert [words(frame) for frame in stored] == [words(frame) for frame in drawn]
    assert all(frame.caption in unescape(picture) for frame, picture in zip(FRAMES, stored, strict=True))


def test_moving_picture_shows_phases_the_surface_and_a_found_mistake() -> None:
    frames = [words(frame) for frame in frames_in(MOVING.read_text(encoding="utf-8"))]
    assert [next(k for k, said in enumerate(frames) if f"phase {n}/7" in said) for n in range(1, 8)] == [*range(7)]
    assert any("Loss surface" in said and "One mini-batch" not in said for said in frames)
    assert "✓ Right: the 2 of the square's derivative is missing" in frames[-1]


def test_moving_picture_is_small_and_loads_nothing() -> None:
    text = MOVING.read_text(encoding="utf-8")
    assert MOVING.stat().st_size < 2_000_000
    ET.fromstring(text)
    assert "@font-face" not in text
    assert text.count("://") == text.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert text.count("url(") == text.count('clip-path="url(#t-line-')


def test_nothing_else_is_stored() -> None:
    pictures = {f"{scene.name}.{end}" for scene in SCENES for end in ("svg", "png")}
    assert {path.name for path in FOLDER.iterdir()} == {*pictures, MOVING.name}

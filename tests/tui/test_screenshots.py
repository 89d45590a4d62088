"""The pictures of `screenshots/` show what the app draws; `tests/helpers/draw_screenshots.py` draws them anew."""

from __future__ import annotations

import pytest
from draw_screenshots import FOLDER, SCENES, Scene, browser_path, digest, digest_in, draw, words


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_picture_is_what_the_app_draws(scene: Scene) -> None:
    stored = (FOLDER / f"{scene.name}.svg").read_text(encoding="utf-8")
    assert words(stored, scene.last_bits) == words(await draw(scene), scene.last_bits)


@pytest.mark.skipif(browser_path() is None, reason="no Chromium here, so that no PNG can be drawn from a new SVG")
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_png_was_drawn_from_the_svg(scene: Scene) -> None:
    stored = (FOLDER / f"{scene.name}.svg").read_text(encoding="utf-8")
    assert digest_in((FOLDER / f"{scene.name}.png").read_bytes()) == digest(stored)


def test_nothing_else_is_stored() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{s.name}.{end}" for s in SCENES for end in ("svg", "png")}

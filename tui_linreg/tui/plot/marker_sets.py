"""The glyph sets that charts can be drawn with. Importable without textual, so that settings can be checked."""

from __future__ import annotations

from typing import Literal, get_args

MarkerSet = Literal["braille", "blocks", "ascii"]
MARKERS: tuple[MarkerSet, ...] = get_args(MarkerSet)

"""How charts are drawn, of characters; the glyph sets to draw them with. Importable without textual."""

from __future__ import annotations

from typing import Literal, get_args

MarkerSet = Literal["braille", "blocks", "ascii"]
MARKERS: tuple[MarkerSet, ...] = get_args(MarkerSet)

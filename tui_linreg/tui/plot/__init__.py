"""Charts made of characters: ranges, axes, glyphs, plotext."""

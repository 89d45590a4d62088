"""Formulas in the colours that the main screen gives the derivatives."""

from __future__ import annotations

from typing import Any

from textual.app import App
from textual.content import Content

from tui_linreg.tui.panes.phase import linked
from tui_linreg.tui.styles import Styles


def coloured(formula: str, app: App[Any]) -> Content:
    """Return a formula, each derivative in its own colour under the app's present theme."""
    styles = Styles.of(app.theme_variables, app.current_theme.dark)
    parts = []
    for text, role in linked(formula):
        colour, *rest = role.split()
        parts.append((text, " ".join([*rest, styles.colours[colour]])))
    return Content.assemble(*parts)

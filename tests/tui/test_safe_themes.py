"""The themes for eyes that do not tell red from green: how far apart verdicts stay, and how they stand out."""

from __future__ import annotations

import itertools

import pytest
from app_helpers import running, text
from colour_sight import DEFICIENCIES, contrast, distance
from textual.theme import Theme

from tui_linreg.settings import Settings
from tui_linreg.tui.styles import DARK, SAFE, SAFE_LIGHT, THEMES, Styles

VERDICTS = ("identical", "rounding", "differs")
LEAST = 25
"""Of the distance in CIE L*a*b*: ten times what is just seen."""


def colours(theme: Theme) -> dict[str, str]:
    variables = theme.to_color_system().generate() | theme.variables
    return dict(Styles.of(variables, theme.dark).colours)


def closest(theme: Theme, deficiency: str | None) -> float:
    known = colours(theme)
    return min(distance(known[one], known[other], deficiency) for one, other in itertools.combinations(VERDICTS, 2))


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
@pytest.mark.parametrize("theme", [SAFE, SAFE_LIGHT], ids=lambda theme: theme.name)
def test_verdicts_stay_apart(theme: Theme, deficiency: str | None) -> None:
    assert closest(theme, deficiency) >= LEAST
    known = colours(theme)
    assert distance(known["line_before"], known["line_after"], deficiency) >= LEAST


def test_the_measure_finds_what_the_other_themes_lack() -> None:
    assert closest(DARK, "deuteranopia") < LEAST < closest(DARK, None)
    assert distance("#ffffff", "#000000") == pytest.approx(100, abs=0.1)
    assert distance("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.5)  # as published for CIE76


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_role_stands_out(theme: Theme) -> None:
    known = colours(theme)
    marks = {"train", "stem", "contour", "batch"}  # points, lines of residuals and of height
    for role in known.keys() - {"background", "panel", "current", "faint"}:
        assert contrast(known[role], known["background"]) >= (3 if role in marks else 4.5), role
    for role in VERDICTS:
        assert contrast(known[role], known["panel"]) >= 4.5, role
        assert contrast(known[role], known["current"]) >= 4.5, role


async def test_it_is_chosen_in_the_settings() -> None:
    async with running(settings=Settings(theme="linreg-safe")) as (app, _):
        found = app.main.text_styles.colours
        assert [found[role] for role in VERDICTS] == [colours(SAFE)[role] for role in VERDICTS]
        assert app.current_theme is SAFE
        assert {theme.name for theme in THEMES} <= app.available_themes.keys()
        assert "identical" in text(app)

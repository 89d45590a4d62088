"""A lesson's text as lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lesson_helpers import LESSONS
from rich.cells import cell_len

from tui_linreg.tui.panes.prose import prose

TEXT = """One paragraph that goes on
over two lines with ∂L/∂ŷ in it.

- an item that is long enough to be broken
- another
1. a number

    name      what it is, in many words
    ∂L/∂b     x

**Strong words** and `code`, [b]no markup[/b]."""


def plain(text: str, width: int) -> list[str]:
    return ["".join(part for part, _ in line).rstrip() for line in prose(text, width)]


def test_paragraphs_lists_and_code() -> None:
    assert plain(TEXT, 30) == [
        "One paragraph that goes on",
        "over two lines with ∂L/∂ŷ in",
        "it.",
        "",
        "- an item that is long enough",
        "  to be broken",
        "- another",
        "1. a number",
        "",
        "    name      what it is, in",
        "              many words",
        "    ∂L/∂b     x",
        "",
        "Strong words and code, [b]no",
        "markup[/b].",
    ]


def test_derivatives_and_marks_have_their_roles() -> None:
    roles = {text.strip(): role for line in prose(TEXT, 60) for text, role in line}
    assert roles["∂L/∂ŷ"] == "dloss_dpred bold"
    assert roles["∂L/∂b"] == "dpred_db bold"
    assert roles["Strong"] == "text bold"
    assert roles["code"] == "accent"


@pytest.mark.parametrize("width", [24, 32, 54, 76])
def test_all_built_in_texts_keep_their_words_and_the_width(width: int) -> None:
    for lesson in LESSONS:
        for text in [page.text for page in lesson.pages] + [task.text for task in lesson.tasks]:
            found = plain(text, width)
            assert all(cell_len(line) <= width for line in found)
            assert "".join("".join(found).split()) == "".join(text.replace("`", "").split())


@given(st.text(st.characters(exclude_categories=("C", "Z"), include_characters=" \n*`-")), st.integers(0, 40))
def test_anything_fits(text: str, width: int) -> None:
    for line in prose(text, width):
        assert sum(cell_len(part) for part, _ in line) <= max(width, 10) + 1, "a wide letter may stand over the edge"

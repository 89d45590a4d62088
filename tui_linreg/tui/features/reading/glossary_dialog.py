"""The glossary: words on the screen first, all words below, and a field to look for one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.study.glossary import GLOSSARY, Word
from tui_linreg.tui.dialogs.base import Dialog, Hint
from tui_linreg.tui.dialogs.controls import TextField
from tui_linreg.tui.dialogs.texts import Definition, DefinitionList

_TERM_WIDTH = 20


class GlossaryDialog(Dialog[None]):
    """Explain words; what is typed looks for one.

    Args:
        screen_text: what is on the screen: words that stand in it come first.
    """

    NAME = "glossary"
    HEADING = "Glossary"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("esc", "close", "screen.cancel"),
        ("↑ ↓", "scroll", "screen.scroll('page_down')"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "scroll('down')", "scroll", show=False, tooltip="A line down"),
        Binding("up", "scroll('up')", "scroll", show=False, tooltip="A line up"),
        Binding("pagedown", "scroll('page_down')", "scroll", show=False, tooltip="A page down"),
        Binding("pageup", "scroll('page_up')", "scroll", show=False, tooltip="A page up"),
    ]

    def __init__(self, screen_text: str = "") -> None:
        super().__init__()
        self._here = tuple(word for word in GLOSSARY if word.stands_in(screen_text))

    def contents(self) -> Iterable[Widget]:
        yield GlossaryPage(self._here)

    def fixed(self) -> Iterable[Widget]:
        with Horizontal(id="answer"):
            yield Static("look for ", id="symbol", markup=False)
            yield TextField(placeholder="a word, or a part of one")

    def on_mount(self) -> None:
        self.query_one(TextField).focus()

    @property
    def reading_place(self) -> Offset | None:
        """The field, or the first line in sight of a list that is scrolled."""
        return self.body.content_region.offset if self.body.scroll_offset.y else None

    @on(TextField.Changed)
    def look_for(self, event: TextField.Changed) -> None:
        """Show the words that what is typed is a part of."""
        page = self.query_one(GlossaryPage)
        page.search = event.value.strip()
        page.refresh(recompose=True)
        self.body.scroll_home(animate=False)


class GlossaryPage(Vertical):
    """The words, those of the screen first.

    Args:
        here: the words that stand on the screen.
    """

    def __init__(self, here: tuple[Word, ...]) -> None:
        super().__init__(id="page")
        self._here = here
        self.search = ""
        """What the words must have in them."""

    def compose(self) -> ComposeResult:
        found = [word for word in GLOSSARY if word.answers(self.search)]
        # Whoever looks for a word wants its own entry before those that mention it.
        found.sort(key=lambda word: self.search.casefold() not in word.name.casefold())
        here = [] if self.search else self._here
        for title, words in (
            ("On the screen now", here),
            ("More words" if here else "Words", [word for word in found if word not in here]),
        ):
            if words:
                yield Static(title, classes="section", markup=False)
                yield DefinitionList(
                    [Definition(Content.styled(word.name, "bold"), Content(word.text)) for word in words], _TERM_WIDTH
                )
        if not found:
            yield Static("no word has this in it", classes="section", markup=False)

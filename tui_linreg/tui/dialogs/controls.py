"""The controls of the dialogs: a text field, a choice, and a row that holds one of them with its label and error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset, Size
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Input, Static

from tui_linreg.tui.ascii import worded
from tui_linreg.tui.reading_place import line_of


class TextField(Input):
    """One line of text; characters that a terminal would act on (pasted, or of a path) are shown as a sign."""

    def __init__(self, value: str = "", placeholder: str = "", *, replace: bool = False) -> None:
        """Begin with `value`; with `replace` the first key typed takes its place, and the arrows go to other fields."""
        super().__init__(value, placeholder, compact=True, select_on_focus=replace)
        self._replace = replace

    def action_cursor_left(self, select: bool = False) -> None:
        """Go left in the text; from its start, or while all of it is selected, the key is the dialog's."""
        self._leave(0, select)
        super().action_cursor_left(select)

    def action_cursor_right(self, select: bool = False) -> None:
        """Go right in the text; from its end, or while all of it is selected, the key is the dialog's."""
        self._leave(len(self.value), select)
        super().action_cursor_right(select)

    def _leave(self, end: int, select: bool) -> None:
        whole = len(self.value) > 0 and abs(self.selection.end - self.selection.start) == len(self.value)
        if self._replace and not select and (whole or (self.selection.is_empty and self.cursor_position == end)):
            raise SkipAction

    @property
    def _value(self) -> Text:
        shown = "".join(c if c.isprintable() else "�" for c in self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")


class Choice(Widget, can_focus=True):
    """One of a few options, all in sight: the arrows, space, a click or (where numbered) a digit choose."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "move(1, False)", "next option", show=False, tooltip="Next option"),
        Binding("left", "move(-1, False)", "previous option", show=False, tooltip="Previous option"),
        Binding("down", "move(1, True)", "next option", show=False, tooltip="Next option"),
        Binding("up", "move(-1, True)", "previous option", show=False, tooltip="Previous option"),
        Binding("space", "cycle", "next option", show=False, tooltip="Next option, then the first"),
    ]
    value: reactive[str] = reactive("", init=False)

    class Changed(Message):
        """Another option was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

        @property
        def control(self) -> Choice:
            return self.choice

    class Picked(Changed):
        """An option was chosen by its number or by a click, perhaps the one that was chosen before."""

    def __init__(
        self, options: Sequence[tuple[str, str]], value: str, *, numbered: bool = False, id: str | None = None
    ) -> None:
        """Give (value, label) of each option, and the value chosen at first; numbered options stand in a column."""
        super().__init__(id=id, classes="-column" if numbered else "")
        self._options = tuple(options)
        self._numbered = numbered
        values = [value for value, _ in self._options]
        self.set_reactive(Choice.value, value if value in values else values[0])

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._in_lines(width))

    def render(self) -> Content:
        return Content("\n").join(self._in_lines(self.content_size.width))

    def _in_lines(self, width: int) -> list[Content]:
        """Return the options in lines, none of them broken; numbered ones below each other."""
        lines: list[Content] = []
        for i, (value, label) in enumerate(self._options):
            chosen = value == self.value
            number = f"{i + 1}  " if self._numbered else ""
            text = Content(f"{'●' if chosen else '○'} {number}{label}")
            style = "bold $primary" if chosen else "$foreground"
            option = text.stylize(style).stylize(Style.from_meta({"option": value}))
            joined = Content("   ").join([lines[-1], option]) if lines else option
            if self._numbered or not lines or joined.cell_length > width:
                lines.append(option)
            else:
                lines[-1] = joined
        return lines

    @property
    def reading_place(self) -> Offset | None:
        """The option that is chosen."""
        return line_of(self, self.value)

    def watch_value(self) -> None:
        self.post_message(self.Changed(self))

    @property
    def _at(self) -> int:
        """The index of the option that is chosen; -1 where none is."""
        return next((i for i, (value, _) in enumerate(self._options) if value == self.value), -1)

    def action_move(self, by: int, vertically: bool) -> None:
        """Choose the next or previous option; past the ends, and across, the key is the dialog's."""
        at = self._at + by
        if not 0 <= at < len(self._options) or (vertically and not self._numbered):
            raise SkipAction
        self.value = self._options[at][0]

    def action_cycle(self) -> None:
        """Choose the next option, after the last one the first."""
        self.value = self._options[(self._at + 1) % len(self._options)][0]

    def on_key(self, event: events.Key) -> None:
        if self._numbered and event.key.isdecimal() and 1 <= int(event.key) <= len(self._options):
            event.stop()
            self._pick(self._options[int(event.key) - 1][0])

    def on_click(self, event: events.Click) -> None:
        value = event.style.meta.get("option")
        if value is not None:
            self._pick(value)

    def _pick(self, value: str) -> None:
        self.value = value
        self.post_message(self.Picked(self))


class Row(Vertical):
    """A label, its control, and beneath them what is wrong with it."""

    def __init__(self, name: str, label: str, control: TextField | Choice) -> None:
        super().__init__(id=f"row-{name}", classes="row")
        self.field = name
        self.control = control
        self.label = worded(label, getattr(self.app, "marker", "braille"))
        self.error = ""

    def compose(self) -> ComposeResult:
        yield Static(f"  {self.label}", classes="label", markup=False)
        yield self.control
        yield Static("", classes="message", markup=False)

    @property
    def text(self) -> str:
        """What is typed or chosen."""
        return self.control.value

    def say(self, error: str) -> None:
        """Show what is wrong; nothing when `error` is empty."""
        if error == self.error:
            return
        self.error = error
        self.query_one(".message", Static).update(f"✗ {error}")
        self.set_class(bool(error), "-wrong")
        self._mark(self.has_class("-here"))

    def _mark(self, here: bool) -> None:
        sign = "✗" if self.error else "▸" if here else " "
        self.query_one(".label", Static).update(f"{sign} {self.label}")
        self.set_class(here, "-here")

    def on_descendant_focus(self) -> None:
        self._mark(True)
        self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_blur(self) -> None:
        self._mark(False)

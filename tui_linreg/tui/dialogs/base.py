"""What all dialogs share: a titled box, a body that scrolls where the terminal is small, one line of keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.tui.dialogs.definition_list import Hanging

Answer = TypeVar("Answer")

Hint = tuple[str, str, str]
"""A key as a person reads it, what it does in one or two words, and the action a click on it runs (or "")."""


class KeyHint(Static):
    """One key of the line at the bottom; a click does what the key does."""

    def __init__(self, hint: Hint) -> None:
        key, label, self._action = hint
        super().__init__(
            Content.assemble((key, "bold $primary"), " ", (label, "$foreground-muted")), classes="key-hint"
        )

    async def on_click(self) -> None:
        """Do what the key does."""
        if self._action:
            await self.run_action(self._action)


class Dialog(ModalScreen[Answer]):
    """A box in the middle of the screen. A subclass gives `HEADING`, `HINTS` and `contents`."""

    CSS_PATH = "dialog.tcss"
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, tooltip="Close without changing anything"),
    ]
    HEADING: ClassVar[str] = ""
    HINTS: ClassVar[tuple[Hint, ...]] = ()
    FIXED_LINES: ClassVar[int] = 1
    """Lines below the body, the line of keys among them; they never scroll away. A tall box has a blank one more."""

    def compose(self) -> ComposeResult:
        """Build the box."""
        # Textual sets the classes of the breakpoints after the first frame, which then is laid out wrong.
        for length, breakpoints in zip(
            self.app.size, (self.HORIZONTAL_BREAKPOINTS, self.VERTICAL_BREAKPOINTS), strict=True
        ):
            self.add_class(*[name for least, name in breakpoints or [] if least <= length][-1:])
        with Vertical(id="box") as box:
            box.border_title = Content(self.HEADING)
            with Vertical(id="body"):
                yield from self.contents()
            yield from self.fixed()
            with Horizontal(id="hints"):
                for hint in self.HINTS:
                    yield KeyHint(hint)

    def contents(self) -> Iterable[Widget]:
        """Return the widgets of the body."""
        raise NotImplementedError

    def fixed(self) -> Iterable[Widget]:
        """Return what stands between the body and the line of keys: `FIXED_LINES` less one lines."""
        return ()

    @property
    def body(self) -> Vertical:
        """The part that scrolls."""
        return self.query_one("#body", Vertical)

    @property
    def fixed_lines(self) -> int:
        """`FIXED_LINES`, or where they depend on what is said as many as there are."""
        return self.FIXED_LINES

    def fit_body(self, height: int) -> None:
        """Give the body the lines that border and keys leave."""
        self.body.styles.max_height = max(1, height - 2 - self.fixed_lines - self._is_tall(height))

    def _is_tall(self, height: int) -> bool:
        return height >= (self.VERTICAL_BREAKPOINTS or [(0, "")])[-1][0]

    def on_mount(self) -> None:
        """Fit the body before it is painted."""
        self.fit_body(self.app.size.height)

    def on_resize(self, event: events.Resize) -> None:
        """Fit the body into the new size."""
        self.fit_body(event.size.height)
        if self.focused is not None:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # the signal would keep the closed dialog

    def action_cancel(self) -> None:
        """Close with no answer."""
        self.dismiss(None)


class AskingDialog(Dialog[Answer]):
    """A dialog with fields: enter applies, tab and the arrows go from field to field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority, since text fields and choices would take enter for themselves.
        Binding("enter", "apply", "apply", show=False, priority=True, tooltip="Apply"),
        Binding("down", "app.focus_next", "next field", show=False, tooltip="Next field"),
        Binding("up", "app.focus_previous", "previous field", show=False, tooltip="Previous field"),
        Binding("pagedown", "scroll_body(1)", "scroll", show=False, tooltip="A page down"),
        Binding("pageup", "scroll_body(-1)", "scroll", show=False, tooltip="A page up"),
    ]
    HINTS: ClassVar[tuple[Hint, ...]] = (("enter", "apply", "screen.apply"), ("esc", "cancel", "screen.cancel"))

    def action_apply(self) -> None:
        """Close with the answer, or say what is wrong."""
        raise NotImplementedError

    def action_scroll_body(self, pages: int) -> None:
        """Scroll by pages."""
        (self.body.scroll_page_down if pages > 0 else self.body.scroll_page_up)(animate=False)


class ReadingDialog(Dialog[None]):
    """A dialog to read: the usual keys scroll it, escape and q close it."""

    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (34, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "cancel", "close", show=False, tooltip="Close"),
        Binding("down,j", "scroll('down')", "scroll", show=False, tooltip="A line down"),
        Binding("up,k", "scroll('up')", "scroll", show=False, tooltip="A line up"),
        Binding("pagedown,space", "scroll('page_down')", "scroll", show=False, tooltip="A page down"),
        Binding("pageup", "scroll('page_up')", "scroll", show=False, tooltip="A page up"),
        Binding("home", "scroll('home')", "scroll", show=False, tooltip="To the top"),
        Binding("end", "scroll('end')", "scroll", show=False, tooltip="To the bottom"),
    ]

    def on_mount(self) -> None:
        """Draw the page (the widget with that id) again when the theme changes."""
        page = self.query_one("#page")
        self.app.theme_changed_signal.subscribe(self, lambda _: page.refresh(recompose=True))

    def on_resize(self, event: events.Resize) -> None:
        """Lay the page out again where it got short, and leaves things out, or is so no longer."""
        if self.has_class("-tall") != self._is_tall(event.size.height):  # the class changes after this
            for hanging in self.query(Hanging):
                hanging.refresh(layout=True)

    def action_scroll(self, where: str) -> None:
        """Scroll the body: down, up, page_down, page_up, home or end."""
        getattr(self.body, f"scroll_{where}")(animate=False)

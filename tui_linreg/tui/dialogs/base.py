"""The base of all dialogs: a titled box, a body that scrolls where the terminal is small, and one line of keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.tui.ascii import worded

Answer = TypeVar("Answer")

Hint = tuple[str, str, str]
"""A key as a person reads it, what it does in one or two words, and the action that a click on it runs (or "")."""

APPLY_KEYS: list[BindingType] = [
    # With priority, since text fields and choices would take enter for themselves.
    Binding("enter", "apply", "apply", show=False, priority=True, tooltip="Apply"),
    Binding("pagedown", "scroll('page_down')", "scroll", show=False, tooltip="A page down"),
    Binding("pageup", "scroll('page_up')", "scroll", show=False, tooltip="A page up"),
]
"""Keys of a dialog that asks."""
FORM_KEYS: list[BindingType] = [
    *APPLY_KEYS,
    Binding("down", "app.focus_next", "next field", show=False, tooltip="Next field"),
    Binding("up", "app.focus_previous", "previous field", show=False, tooltip="Previous field"),
]
"""Keys of a dialog with several fields."""
READING_KEYS: list[BindingType] = [
    Binding("q", "cancel", "close", show=False, tooltip="Close"),
    Binding("down,j", "scroll('down')", "scroll", show=False, tooltip="A line down"),
    Binding("up,k", "scroll('up')", "scroll", show=False, tooltip="A line up"),
    Binding("pagedown,space", "scroll('page_down')", "scroll", show=False, tooltip="A page down"),
    Binding("pageup", "scroll('page_up')", "scroll", show=False, tooltip="A page up"),
    Binding("home", "scroll('home')", "scroll", show=False, tooltip="To the top"),
    Binding("end", "scroll('end')", "scroll", show=False, tooltip="To the bottom"),
]
"""Keys of a dialog that is only read."""


class KeyHint(Static):
    """One key of the line at the bottom; a click does what the key does."""

    def __init__(self, hint: Hint) -> None:
        key, label, self._action = hint
        super().__init__(classes="key-hint")
        self.show(key, label)

    def show(self, key: str, label: str) -> None:
        """Show a key and what it does."""
        key = worded(key, getattr(self.app, "marker", "braille"))
        self.update(Content.assemble((key, "bold $primary"), " ", (label, "$foreground-muted")))

    async def on_click(self) -> None:
        if self._action:
            await self.run_action(self._action)


class Dialog(ModalScreen[Answer]):
    """A box in the middle of the screen. A subclass gives `HEADING`, `HINTS`, its keys and `contents`."""

    CSS_PATH = str(Path(__file__).with_name("dialog.tcss"))  # whole, for the dialogs in other folders
    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (20, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "cancel", show=False, tooltip="Close without changing anything"),
        # Where one types; elsewhere the screenshot's own keys do it, too (`LinRegApp.on_key`).
        Binding("ctrl+s", "app.save_picture", "screenshot", show=False, tooltip="Save a screenshot (SVG) here"),
    ]
    NAME: ClassVar[str] = ""
    """The name by which the task of a lesson asks for the dialog; empty where none can."""
    HEADING: ClassVar[str] = ""
    HINTS: ClassVar[tuple[Hint, ...]] = (("enter", "apply", "screen.apply"), ("esc", "cancel", "screen.cancel"))

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
            with Vertical(id="foot"):
                yield from self.fixed()
                with Horizontal(id="hints"):
                    for hint in self.HINTS:
                        yield KeyHint(hint)

    def contents(self) -> Iterable[Widget]:
        """Return the widgets of the body; one with the id "page" is composed again under another theme."""
        raise NotImplementedError

    def fixed(self) -> Iterable[Widget]:
        """Return the widgets between the body and the line of keys, which do not scroll."""
        return ()

    def redraw(self) -> None:
        """Write again what depends on the size or the theme; called once the dialog is built, too."""

    @property
    def body(self) -> Vertical:
        """The part that scrolls."""
        return self.query_one("#body", Vertical)

    @property
    def reading_place(self) -> Offset | None:
        """The first line in sight, or what has the focus."""
        return self.body.content_region.offset if self.focused in (None, self.body) else None

    def entitle(self, title: str, subtitle: str = "") -> None:
        """Write a title into the upper border, and one into the lower."""
        box = self.query_one("#box")
        box.border_title, box.border_subtitle = Content(title), Content(subtitle)

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._change_theme())
        self.redraw()

    def on_unmount(self) -> None:
        self.app.theme_changed_signal.unsubscribe(self)  # the signal would keep the closed dialog

    def on_resize(self) -> None:
        if not self.is_mounted:
            return
        self.redraw()
        if self.focused is not None:
            self.call_after_refresh(self.focused.scroll_visible, animate=False)

    def _change_theme(self) -> None:
        for page in self.query("#page"):
            page.refresh(recompose=True)
        self.redraw()

    def action_cancel(self) -> None:
        """Close with no answer."""
        self.dismiss(None)

    def action_apply(self) -> None:
        """Close with the answer, or say what is wrong."""
        raise NotImplementedError

    def action_scroll(self, where: str) -> None:
        """Scroll the body: down, up, page_down, page_up, home or end."""
        getattr(self.body, f"scroll_{where}")(animate=False)


Judged = TypeVar("Judged")
HINT_KEY = "ctrl+t"
"""The next hint, in every dialog and on the main screen: no letter, which would be typed where there is a field."""
HINT: Hint = ("^t", "hint", "screen.hint")
_PATIENCE = 0.3
"""Seconds of judging before the dialog says that it takes a while."""


class JudgingDialog(Dialog[Answer]):
    """A question, a field and a judgement. A subclass gives `field`, `redraw` and `action_hint`, and calls `judge`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *APPLY_KEYS,
        Binding(HINT_KEY, "hint", "hint", show=False, priority=True, tooltip="The next hint"),
        Binding("down", "scroll('down')", "scroll", show=False, tooltip="A line down"),
        Binding("up", "scroll('up')", "scroll", show=False, tooltip="A line up"),
    ]
    JUDGING: ClassVar[str]
    """What is said while an answer is judged for long."""

    def __init__(self) -> None:
        super().__init__()
        self.judging = False
        """Whether an answer is being judged."""
        self.judgement = Content("")
        """What is said below the field: a judgement, or what to do."""

    def contents(self) -> Iterable[Widget]:
        yield Static(id="page")

    def fixed(self) -> Iterable[Widget]:
        with Horizontal(id="answer"):
            yield from self.field()
        yield Static(id="judgement")

    def field(self) -> Iterable[Widget]:
        """Return the widgets of the line in which the answer is typed."""
        raise NotImplementedError

    def action_hint(self) -> None:
        """Show one hint more."""
        raise NotImplementedError

    def say(self, text: str, style: str) -> None:
        """Say something below the field."""
        self.judgement = Content.styled(text, style)
        self.redraw()

    def say_judging(self) -> None:
        """Say that judging takes a while."""
        self.say(self.JUDGING, "$foreground-muted")

    async def judge(self, judge: Callable[[], Judged]) -> Judged:
        """Return what `judge` returns (or raise its error), called in a thread: it may take seconds."""
        self.judging = True
        try:
            work = asyncio.ensure_future(asyncio.to_thread(judge))
            finished, _ = await asyncio.wait({work}, timeout=_PATIENCE)
            if not finished:
                self.say_judging()
            return await work
        finally:
            self.judging = False

    def to_end(self) -> None:
        """Scroll to the last line of the question once it is laid out."""
        self.call_after_refresh(self.body.scroll_end, animate=False)

"""A lesson's two panes: the strip above the status bar, and its text beside the run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from rich.cells import cell_len, chop_cells
from textual import events
from textual.strip import Strip

from tui_linreg.tui.commands import BY_ID, shown
from tui_linreg.tui.panes.base import Pane
from tui_linreg.tui.panes.prose import filled, prose
from tui_linreg.tui.styles import Line, Span, line_width, spread
from tui_linreg.tui.view import LessonPage, LessonView, View

_AWAY = ("rounding", "another run is on the screen; L and enter bring the lesson's own back")
_NAMES = {"backspace": "bksp"}


def _shortened(lines: list[Line], count: int, width: int) -> list[Line]:
    """Return the first lines, an ellipsis at the end of the last one where that is not all."""
    if len(lines) <= count:
        return lines
    last = list(lines[count - 1]) if count else []
    while last and line_width(last) > width - 2:
        text, role = last.pop()
        room = width - 2 - line_width(last)
        if not last or not last[-1][0].strip():  # a line without a gap, be it one long word or Chinese
            last += [(piece, role) for piece in chop_cells(text, max(room, 2))[:1] if cell_len(piece) <= room]
            break
    while last and not last[-1][0].strip():
        last.pop()
    return [*lines[: count - 1], [*last, (" …", "muted")]] if count else []


class LessonStrip(Pane):
    """Which lesson and task, what to do, the last hint, and the keys. There only while a lesson is on."""

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keymap = keymap

    def depends_on(self, view: View) -> Hashable:
        return view.lesson, view.styles

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        lesson = view.lesson
        if lesson is None or height < 1:
            return []
        inner = width - 2
        news = lesson.told is not None and lesson.told[0] != "muted"
        said = _AWAY if lesson.away and not news else lesson.told
        told = [] if said is None else filled(said[1], inner, said[0])
        room = max(height - 1, 1)
        told = _shortened(told, min(len(told), max(room - 1, 1)), inner)
        text = filled(lesson.text, inner)
        label = "text"
        if room > 1:
            body = [*_shortened(text, room - len(told), inner), *told]
        elif news:
            body, label = _shortened(told, 1, inner), "task again"
        else:
            body = _shortened(text, 1, inner)
        if label == "text" and len(text) > room - len(told) * (room > 1):
            label = "whole text"
        lines: list[Line] = [self._head(lesson, width, label), *([(" ", ""), *line] for line in body)]
        lines += [[] for _ in range(height - len(lines))]
        return [view.styles.strip(line, width, "@panel") for line in lines[:height]]

    def _head(self, lesson: LessonView, width: int, text_label: str) -> Line:
        """Return which lesson and task it is, and the keys; before a key that the task needs goes, its words go."""
        marks: list[Span] = [
            ("●" if done else "○", "identical" if done else "accent bold" if i == lesson.at else "faint")
            for i, done in enumerate(lesson.done)
        ]
        name: list[Span] = [(f" LESSON {lesson.number}/{lesson.count} ", "accent bold reverse"), (" ", "")]
        if lesson.away:
            name += [(" another run ", "rounding bold reverse"), (" ", "")]
        title: Line = [(f" {lesson.title} ", "text bold")]
        place: Line = [(f" {lesson.place} ", "muted")]
        dots: Line = [*marks[:20], (" ", "")]
        keys = [
            self._labelled(id, text_label if id == "lesson.text" and lesson.page is None else label)
            for id, label in lesson.keys
        ]
        needed = next((i for i, (id, _) in enumerate(lesson.keys, start=1) if id == "lesson.text"), len(keys))
        ways: list[tuple[list[Line], int]] = [
            ([name, title, place, dots], needed),
            ([name, place, dots], needed),
            ([name, place], needed),
            ([name], needed),
            ([name, place], 1),
        ]
        for parts, least in ways:
            for count in range(len(keys), least - 1, -1):
                end = [part for key in keys[:count] for part in key]
                if line_width(end) + sum(line_width(part) for part in parts) < width:
                    return spread([(0, part) for part in parts], [end], width)
        return spread([(0, name)], [keys[0], []], width)

    def _labelled(self, id: str, label: str) -> Line:
        action = BY_ID[id]
        key = shown(self._keymap.get(id, action.keys))[0]
        return [
            (f" {_NAMES.get(key, key)}", f"accent bold !{action.action}"),
            (f" {label} ", f"muted !{action.action}"),
        ]


class LessonPane(Pane, can_focus=True):
    """A page of the lesson's text, or the task in full with its hints so far; scrolls where it is short of room."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._top = 0
        self._lines = 0

    def show(self, view: View) -> None:
        """Show another view; another page begins at its top."""
        lesson, before = view.lesson, None if self.view is None else self.view.lesson
        if lesson is not None and (before is None or (before.number, before.title) != (lesson.number, lesson.title)):
            self.set_title(f"Lesson {lesson.number} · {lesson.title}")
        page, old = (None if each is None else each.page for each in (lesson, before))
        if (page is None or old is None) or (page.title, page.place) != (old.title, old.place):
            self._top = 0
        super().show(view)

    def depends_on(self, view: View) -> Hashable:
        return None if view.lesson is None else view.lesson.page, view.styles

    def scroll_rows(self, pages: int) -> None:
        """Scroll by whole pages, down when positive."""
        self._scroll_by(pages * max(self.size.height - 3, 1))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll_by(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll_by(-3)

    def _scroll_by(self, rows: int) -> None:
        self._top = max(self._top + rows, 0)
        self.rebuild()

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        """Return the title, the text, and at the bottom which page it is."""
        page = None if view.lesson is None else view.lesson.page
        if page is None or height < 2:
            return []
        lines = _page_lines(page, width)
        room = height - 1
        self._top = max(0, min(self._top, len(lines) - room))
        below = len(lines) - room - self._top
        more = f"J {below} more line{'s' * (below > 1)} below" if below > 0 else "K back up" if self._top else ""
        foot: Line = spread([(0, [(page.place, "muted")])], [[(more, "accent")], []], width)
        seen = lines[self._top : self._top + room]
        seen += [[] for _ in range(room - len(seen))]
        return [view.styles.strip(line, width) for line in [*seen, foot]]


def _page_lines(page: LessonPage, width: int) -> list[Line]:
    found: list[Line] = [*filled(page.title, width, "accent bold"), [], *prose(page.text, width)]
    if page.extra:
        found.append([])
    for role, text in page.extra:
        found += filled(text, width, role, "", "   ")
    return found

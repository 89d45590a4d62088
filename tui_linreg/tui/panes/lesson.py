"""A lesson's two panes: the strip above the status bar, and its text beside the run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from rich.cells import cell_len
from textual.strip import Strip

from tui_linreg.tui.ascii import worded
from tui_linreg.tui.commands import BY_ID, shown
from tui_linreg.tui.hidden import MARK
from tui_linreg.tui.panes.base import Pane, ScrollingPane
from tui_linreg.tui.panes.prose import filled, prose, shorten
from tui_linreg.tui.plot import MarkerSet
from tui_linreg.tui.styles import Line, Span, line_width, spread
from tui_linreg.tui.view import LessonPage, LessonView, View

_AWAY = ("rounding", "another run is on the screen; L and enter bring the lesson's own back")
_NAMES = {"backspace": "bksp"}
_BARE = {"lesson.text": "text", "lesson.uncover": MARK[0], "lesson.hint": "hint", "lesson.back": "back"}
"""What a key does in one word, where there is no room for more."""


class LessonStrip(Pane):
    """Which lesson and task, what to do, the last hint, and the keys. There only while a lesson is on."""

    def __init__(self, keymap: Mapping[str, str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._keymap = keymap

    def depends_on(self, view: View) -> Hashable:
        return view.lesson, view.styles, view.marker

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        lesson = view.lesson
        if lesson is None or height < 1:
            return []
        inner = width - 2
        news = lesson.told is not None and lesson.told[0] != "muted"
        said = _AWAY if lesson.away and not news else lesson.told
        told = [] if said is None else filled(worded(said[1], view.marker), inner, said[0])
        room = max(height - 1, 1)
        told = shorten(told, min(len(told), max(room - 1, 1)), inner)
        text = filled(worded(lesson.text, view.marker), inner)
        label = "text"
        if room > 1:
            body = [*shorten(text, room - len(told), inner), *told]
        elif news:
            body, label = shorten(told, 1, inner), "task again"
        else:
            body = shorten(text, 1, inner)
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
        short: list[Span] = [(f" {lesson.number}/{lesson.count} ", "accent bold reverse"), (" ", "")]
        if lesson.away:
            name += [(" another run ", "rounding bold reverse"), (" ", "")]
            short += [(" another run ", "rounding bold reverse"), (" ", "")]
        title: Line = [(f" {lesson.title} ", "text bold")]
        place: Line = [(f" {lesson.place} ", "muted")]
        short_place: Line = [(f" {lesson.place.replace(' of ', '/')} ", "muted")]
        dots: Line = [*marks[:20], (" ", "")]
        keys = [
            self._labelled(id, text_label if id == "lesson.text" and lesson.page is None else label)
            for id, label in lesson.keys
        ]
        fewer = [self._labelled(id, _BARE.get(id, label)) for id, label in lesson.keys]
        text = [id for id, _ in lesson.keys].index("lesson.text")
        some = [*fewer[:text], keys[text], *fewer[text + 1 :]]
        needed = next((i for i, (id, _) in enumerate(lesson.keys, start=1) if id == "lesson.leave"), len(keys))
        ways: list[tuple[list[Line], list[Line]]] = [
            ([name, title, place, dots], keys),
            ([name, place, dots], keys),
            ([name, place], keys),
            ([name, short_place], keys),
            ([name, short_place], some),
            ([name, short_place], fewer),
            ([name], fewer),
            ([short], fewer),
        ]
        for parts, labelled in ways:
            for count in range(len(keys), needed - 1, -1):
                end = [part for key in labelled[:count] for part in key]
                if line_width(end) + sum(line_width(part) for part in parts) < width:
                    return spread([(0, part) for part in parts], [end], width)
        leave = fewer[needed - 1]
        return spread([(0, short)], [[*fewer[0], *leave], leave, []], width)

    def _labelled(self, id: str, label: str) -> Line:
        action = BY_ID[id]
        key = shown(self._keymap.get(id, action.keys))[0]
        return [
            (f" {_NAMES.get(key, key)}", f"accent bold !{action.action}"),
            (f" {label} ", f"muted !{action.action}"),
        ]


class LessonPane(ScrollingPane):
    """A page of the lesson's text, or the task in full with its hints so far; scrolls where it is short of room."""

    _lesson: LessonView | None = None
    below = 0
    """Lines of the page below those in sight."""

    @property
    def _title(self) -> str:
        return "" if self._lesson is None else f"Lesson {self._lesson.number} · {self._lesson.title}"

    def _has_room_for_title(self, width: int) -> bool:
        return cell_len(self._title) <= width - 2

    def _entitle(self) -> None:
        """Write the title into the border, as far as it fits whole; else it stands above the page."""
        if self._lesson is not None:
            fits = self._has_room_for_title(self.size.width)
            self.set_title(self._title if fits else f"Lesson {self._lesson.number}")

    def on_resize(self) -> None:
        self._entitle()

    def show(self, view: View) -> None:
        """Show another view; another page begins at its top."""
        lesson, before = view.lesson, None if self.view is None else self.view.lesson
        if lesson is not None and (before is None or (before.number, before.title) != (lesson.number, lesson.title)):
            self._lesson = lesson
            self._entitle()
        page, old = (None if each is None else each.page for each in (lesson, before))
        if (page is None or old is None) or (page.title, page.place) != (old.title, old.place):
            self._top = 0
        super().show(view)

    def depends_on(self, view: View) -> Hashable:
        lesson = view.lesson
        return None if lesson is None else (lesson.number, lesson.title, lesson.page), view.styles, view.marker

    @property
    def page(self) -> int:
        return self.size.height - 3

    def build(self, view: View, width: int, height: int) -> list[Strip]:
        page = None if view.lesson is None else view.lesson.page
        self.below = 0
        if page is None or height < 2:
            return []
        lines = _page_lines(page, width, view.marker)
        if self._lesson is not None and not self._has_room_for_title(width):
            lines = [*filled(self._lesson.title, width, "muted"), [], *lines]
        room = height - 1
        self._top = max(0, min(self._top, len(lines) - room))
        below = len(lines) - room - self._top
        self.below = max(below, 0)
        more = f"enter {below} more line{'s' * (below > 1)}" if below > 0 else "K back up" if self._top else ""
        beside = not more or cell_len(page.place + more) + 3 < width
        place: list[tuple[int, Line]] = [(0, [(page.place, "muted")] if beside else [])]
        foot: Line = spread(place, [[(more, "accent")], []], width)
        seen = lines[self._top : self._top + room]
        seen += [[] for _ in range(room - len(seen))]
        return [view.styles.strip(line, width) for line in [*seen, foot]]


def _page_lines(page: LessonPage, width: int, marker: MarkerSet) -> list[Line]:
    found: list[Line] = [*filled(page.title, width, "accent bold"), [], *prose(worded(page.text, marker), width)]
    if page.extra:
        found.append([])
    for role, text in page.extra:
        found += filled(worded(text, marker), width, role, "", "   ")
    return found

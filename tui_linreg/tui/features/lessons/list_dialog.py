"""The lessons there are, how far each is, and files that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Offset, Region
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.study.lessons.lesson import Lesson, Lessons
from tui_linreg.study.progress import Progress
from tui_linreg.tui.dialogs.base import Dialog, Hint

_GAP, _LEAST_TITLE = 3, 24
"""Columns before the state in words, and of a title beside it."""
_FRAME = 6
"""Columns that border, padding and scroll bar take."""
Reset = Callable[[Lesson], tuple[Progress, str]]


class LessonsDialog(Dialog[str | None]):
    """List the lessons; gives the id of the one to begin or to go on with, None when closed.

    Args:
        lessons: what there is, and what could not be read.
        progress: what is done.
        here: id of the lesson that is on, None when none is.
        reset: forgets what is done of a lesson; returns the progress then, and one line when it could not be kept.
        note: what is to be said of the progress file; may be empty.
    """

    HEADING = "Lessons"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "begin or go on", "screen.choose"),
        ("↑ ↓", "move", "screen.move(1)"),
        ("r", "reset", "screen.reset"),
        ("esc", "close", "screen.cancel"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "next", show=False, tooltip="The next lesson"),
        Binding("up,k", "move(-1)", "previous", show=False, tooltip="The lesson before"),
        Binding("pagedown", "move(5)", "next", show=False, tooltip="Five lessons on"),
        Binding("pageup", "move(-5)", "previous", show=False, tooltip="Five lessons back"),
        Binding("home", "move(-1000)", "first", show=False, tooltip="The first lesson"),
        Binding("end", "move(1000)", "last", show=False, tooltip="The last lesson"),
        Binding("enter,space", "choose", "begin", show=False, tooltip="Begin the lesson, or go on where it was left"),
        Binding("r", "reset", "reset", show=False, tooltip="Forget what is done of the lesson; asks once more"),
        Binding("q,L", "cancel", "close", show=False, tooltip="Close"),
    ]

    def __init__(self, lessons: Lessons, progress: Progress, *, here: str | None, reset: Reset, note: str = "") -> None:
        super().__init__()
        self._all = lessons
        self._progress = progress
        self._here = here
        self._reset = reset
        self._said = (f"✗ {note}", "bold $warning") if note else ("", "")
        self._asked: int | None = None
        self._marked_line = 0
        """The line of the list where the marked lesson begins."""
        left = None if progress.left is None else progress.left.lesson
        wanted = here or left
        self._at = next((i for i, lesson in enumerate(lessons.lessons) if lesson.id == wanted), 0)

    def contents(self) -> Iterable[Widget]:
        yield Static(id="page")

    def fixed(self) -> Iterable[Widget]:
        yield Static(id="said")

    @property
    def _lesson(self) -> Lesson:
        return self._all.lessons[self._at]

    def action_move(self, by: int) -> None:
        """Mark another lesson."""
        last = len(self._all.lessons) - 1
        if by > 0 and self._at == last:  # below the list stand the files that are none
            self.body.scroll_relative(y=by, animate=False)
            return
        self._at = min(max(self._at + by, 0), last)
        self._asked = None
        self._said = ("", "")
        self.redraw()

    def action_choose(self) -> None:
        """Begin the lesson, or go on with it."""
        self.dismiss(self._lesson.id)

    def action_reset(self) -> None:
        """Ask whether to forget what is done of the lesson; asked already, do it."""
        lesson = self._lesson
        done = sum(self._progress.is_done(lesson.id, task.id) for task in lesson.tasks)
        if not done and lesson.id not in self._progress.lessons:
            self._said = ("nothing to reset: no task of this lesson is done", "$foreground")
        elif self._asked != self._at:
            self._asked = self._at
            tasks = f"{done} finished task{'s' * (done != 1)}"
            self._said = (f"r once more forgets the {tasks} of this lesson; any other key keeps them", "bold $warning")
        else:
            self._asked = None
            self._progress, note = self._reset(lesson)
            self._said = (f"✗ {note}", "bold $warning") if note else ("✓ this lesson begins anew", "$success")
        self.redraw()

    def on_key(self, event: events.Key) -> None:
        """Take back the question when another key than its own is pressed."""
        if event.key != "r" and self._asked is not None:
            self._asked, self._said = None, ("", "")
            self.redraw()

    @property
    def reading_place(self) -> Offset | None:
        """The marked lesson."""
        return self.query_one("#page").region.offset + Offset(0, self._marked_line)

    # ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────

    def redraw(self) -> None:
        room = max(min(100, self.size.width) - _FRAME, 20)
        longest = max((len(self._state(lesson)) for lesson in self._all.lessons), default=0)
        blocks = [self._row(i, lesson, room, longest) for i, lesson in enumerate(self._all.lessons)]
        rows = [line for block in blocks for line in block]
        problems: list[Content] = []
        for problem in self._all.problems:
            problems += Content.styled(f"✗ {problem}", "$warning").wrap(room)
        gap = [Content("")] if problems else []
        self.query_one("#page", Static).update(Content("\n").join([*rows, *gap, *problems]))
        text, style = self._said
        if not text:
            text, style = self._about(), "$foreground-muted"
        self.query_one("#said", Static).update(Content.styled(text, style))
        top, height = sum(map(len, blocks[: self._at])), len(blocks[self._at])
        self._marked_line = top
        self.call_after_refresh(self.body.scroll_to_region, Region(0, top, 1, height), animate=False, force=True)

    def _about(self) -> str:
        lesson, progress = self._lesson, self._progress
        left, following = progress.left, progress.next_task(lesson)
        if left is not None and left.lesson == lesson.id and following is not None:
            task = None if left.task is None else lesson.task(following)
            return f"goes on at: {'its text' if task is None else task.title}"
        if progress.is_finished(lesson):
            return "finished; enter goes " + ("on at its optional task" if following else "through it again")
        optional = progress.optional_left(lesson)
        more = f" and {optional} optional" if optional else ""
        return f"{len(lesson.pages)} pages, {len(lesson.needed)} tasks{more}"

    def _state(self, lesson: Lesson) -> str:
        """Return what it takes and how far it is, in words."""
        done, total = self._progress.done_of(lesson), len(lesson.needed)
        whole, left = self._progress.is_finished(lesson), self._progress.left
        state = "finished" if whole else f"{done} of {total} tasks done" if done else "not begun"
        if lesson.id == self._here:
            state += ", open now"
        elif left is not None and left.lesson == lesson.id and not whole:
            state += ", left here"
        return f"about {lesson.minutes} min   {state}"

    def _row(self, at: int, lesson: Lesson, room: int, longest: int) -> list[Content]:
        """Return a lesson's lines: its title, never cut, and its state beside or below it."""
        here, whole = at == self._at, self._progress.is_finished(lesson)
        strong = "bold $primary" if here else "$foreground"
        head = Content.styled(f"{'▸' if here else ' '} {'✓' if whole else ' '} {at + 1:>2}  ", strong)
        state = Content.styled(self._state(lesson), "$success" if whole else "$foreground-muted")
        title_room = room - head.cell_length - longest - _GAP
        beside = title_room >= _LEAST_TITLE
        if not beside:
            title_room = max(room - head.cell_length, 8)
        first, *rest = Content(lesson.title).stylize(strong).wrap(title_room) or [Content("")]
        if beside:
            first = first.pad_right(title_room + _GAP - first.cell_length) + state
        else:
            rest.append(state)
        return [head + first, *(line.pad_left(head.cell_length) for line in rest)]

"""The lessons there are: the built-in ones in their order, and those of a teacher's folder after them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.lessons.file import read_lesson
from tui_linreg.study.lessons.lesson import Lesson

BUILT_IN = Path(__file__).parent
_MOST_FILES = 200


@dataclass(frozen=True, slots=True)
class Lessons:
    """Lessons in the order in which they are offered, and what could not be read."""

    lessons: tuple[Lesson, ...]
    problems: tuple[str, ...] = ()
    """A line for each file that is no lesson; the others are there all the same."""

    def find(self, id_: str) -> Lesson | None:
        """Return the lesson of this id, None when there is none."""
        return next((lesson for lesson in self.lessons if lesson.id == id_), None)


@cache
def built_in_lessons() -> Lessons:
    """Return the lessons that come with the program."""
    return _read(_files(BUILT_IN), ())


def load_lessons(folder: str | Path | None = None) -> Lessons:
    """Return the built-in lessons, followed by those of a folder: its `*.md` files, sorted by name.

    Raises:
        InputError: when the folder cannot be read or holds no such file; a file that is wrong is in `problems` instead.
    """
    own = built_in_lessons()
    if folder is None:
        return own
    files = _files(Path(folder))
    if not files:
        raise InputError(f"--lessons {quoted(folder)}: holds no file that ends in .md")
    if len(files) > _MOST_FILES:
        raise InputError(f"--lessons {quoted(folder)}: holds {len(files)} files; {_MOST_FILES} are the most allowed")
    more = _read(files, own.lessons)
    return Lessons(own.lessons + more.lessons, own.problems + more.problems)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted((path for path in folder.iterdir() if path.suffix == ".md"), key=lambda path: path.name)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise InputError(f"--lessons {quoted(folder)}: cannot be read: {why}") from error
    except ValueError as error:  # a name that holds NUL
        raise InputError(f"--lessons {quoted(folder)}: no folder can have this name") from error


def _read(files: list[Path], earlier: tuple[Lesson, ...]) -> Lessons:
    lessons: list[Lesson] = []
    problems: list[str] = []
    for path in files:
        try:
            lesson = read_lesson(path)
        except InputError as error:
            problems.append(str(error))
            continue
        other = next((each for each in (*earlier, *lessons) if each.id == lesson.id), None)
        if other is None:
            lessons.append(lesson)
        else:
            problems.append(f"{quoted(path)}: the id {lesson.id} is also that of {other.title!r}; give it another one")
    return Lessons(tuple(lessons), tuple(problems))

"""The lessons that there are: those that come with the program, and those of a folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tui_linreg.engine.errors import InputError, quoted_path
from tui_linreg.study.lessons.conditions import Vocabulary
from tui_linreg.study.lessons.file import read_lesson
from tui_linreg.study.lessons.lesson import Lesson, Lessons

BUILT_IN = Path(__file__).parent
_MOST_FILES = 200
_ENDINGS = (".md", ".markdown")


@cache
def built_in_lessons(vocabulary: Vocabulary | None = None) -> Lessons:
    """Return the lessons that come with the program."""
    return _read(_files(BUILT_IN), (), vocabulary)


def load_lessons(folder: str | Path | None = None, vocabulary: Vocabulary | None = None) -> Lessons:
    """Return the built-in lessons, followed by those of a folder: its Markdown files, sorted by name.

    Files end in .md or .markdown, in small or capital letters; README and hidden files are no lessons.

    Args:
        folder: of more lessons.
        vocabulary: the names of charts, instruments and dialogs; None: such names are not checked.

    Raises:
        InputError: when the folder cannot be read or holds no such file; a file that is wrong is in `problems` instead.
    """
    own = built_in_lessons(vocabulary)
    if folder is None:
        return own
    files = _files(Path(folder))
    if not files:
        raise InputError(
            f"--lessons {quoted_path(folder)}: holds no file that ends in .md or .markdown (README is none)"
        )
    if len(files) > _MOST_FILES:
        raise InputError(
            f"--lessons {quoted_path(folder)}: holds {len(files)} files; {_MOST_FILES} are the most allowed"
        )
    more = _read(files, own.lessons, vocabulary)
    return Lessons(own.lessons + more.lessons, own.problems + more.problems)


def _may_be_lesson(path: Path) -> bool:
    hidden, readme = path.name.startswith("."), path.stem.casefold() == "readme"
    return path.suffix.casefold() in _ENDINGS and not hidden and not readme


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(filter(_may_be_lesson, folder.iterdir()), key=lambda path: path.name)
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise InputError(f"--lessons {quoted_path(folder)}: cannot be read: {why}") from error
    except ValueError as error:  # a name that holds NUL
        raise InputError(f"--lessons {quoted_path(folder)}: no folder can have this name") from error


def _read(files: list[Path], earlier: tuple[Lesson, ...], vocabulary: Vocabulary | None) -> Lessons:
    lessons: list[Lesson] = []
    problems: list[str] = []
    for path in files:
        try:
            lesson = read_lesson(path, vocabulary)
        except InputError as error:
            problems.append(str(error))
            continue
        other = next((each for each in (*earlier, *lessons) if each.id == lesson.id), None)
        if other is None:
            lessons.append(lesson)
        else:
            problems.append(
                f"{quoted_path(path)}: the id {lesson.id} is also that of {other.title!r}; give it another one"
            )
    return Lessons(tuple(lessons), tuple(problems))

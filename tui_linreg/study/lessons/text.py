"""The lines of a lesson's file: safe to show, and cut into front matter, sections and directives."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from tui_linreg.engine.errors import InputError, printable, quoted, quoted_path
from tui_linreg.study.lessons.conditions import Vocabulary

_MOST_BYTES = 1 << 17
_LONGEST_LINE = 1000
_DIRECTIVES = ("check", "answer", "option", "wrong", "why", "hint", "keys", "run", "start", "show", "hide", "optional")
_DIRECTIVE = re.compile(rf"({'|'.join(_DIRECTIVES)}):(?:\s|$)(.*)")
_OF_PAGES = ("show",)
"""What may stand in a page, too."""
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<info>.*)")
_QUOTED = re.compile(r""""(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>(?:[^']|'')*)'""")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A value of the file and the line it begins on."""

    number: int
    text: str


@dataclass(slots=True)
class SourceSection:
    """What stands under one heading."""

    heading: SourceLine
    text: list[str] = field(default_factory=list)
    directives: list[tuple[str, SourceLine]] = field(default_factory=list)
    shows: list[SourceLine] = field(default_factory=list)
    """The `show:` lines of a page."""

    @property
    def is_task(self) -> bool:
        """Whether it is a task, not a page."""
        return self.heading.text.casefold().startswith("task:")


@dataclass(frozen=True, slots=True)
class Source:
    """A file, for messages."""

    path: Path
    vocabulary: Vocabulary | None = None
    """The names of charts, instruments and dialogs that it may use; None: such names are not checked."""

    @property
    def shown(self) -> str:
        """The path in quotes, safe to show."""
        return quoted_path(self.path)

    def fail(self, line: int, why: object) -> NoReturn:
        """Raise the InputError of a line."""
        raise InputError(f"{self.shown}, line {line}: {printable(why, 600)}")

    @contextmanager
    def at(self, line: int) -> Iterator[None]:
        """Let an error raised inside name this line of the file, too."""
        try:
            yield
        except ValueError as error:
            self.fail(line, error)

    def lines(self) -> list[str]:
        """Return the file's lines, checked.

        Raises:
            InputError: when it cannot be read, is too large, or holds what a terminal might act on.
        """
        try:
            about = self.path.stat()
            if not stat.S_ISREG(about.st_mode):  # asked before opening: to open a pipe waits for a writer
                raise InputError(f"{self.shown}: is no regular file; a lesson in Markdown is needed")
            if about.st_size > _MOST_BYTES:
                raise InputError(f"{self.shown}: is larger than 128 KiB; a lesson in Markdown is needed")
            text = self.path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            raise InputError(f"cannot read {self.shown}: {(error.strerror or type(error).__name__).lower()}") from error
        except UnicodeDecodeError as error:
            raise InputError(f"{self.shown}: is not UTF-8; a lesson in Markdown is needed") from error
        except InputError:
            raise
        except ValueError as error:  # a path that holds NUL
            raise InputError(f"cannot read {self.shown}: no file can have this name") from error
        lines = [line.expandtabs(4).rstrip() for line in re.split("\r\n|\n|\r", text)]
        for number, line in enumerate(lines, start=1):
            if len(line) > _LONGEST_LINE:
                self.fail(number, f"is longer than {_LONGEST_LINE} characters, the most allowed")
            if not line.isprintable():
                self.fail(number, "holds a control character; plain text is needed")
        return lines


def front_matter(source: Source, lines: list[str]) -> tuple[list[tuple[str, SourceLine]], int]:
    """Return the `key: value` lines between the first two lines of `---`, and the number of lines they take."""
    if not lines or lines[0] != "---":
        source.fail(1, "must be ---, which begins the front matter")
    values: list[tuple[str, SourceLine]] = []
    for number, line in enumerate(lines[1:], start=2):
        if line == "---":
            return values, number
        if not line or line.startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if not colon or key != key.strip() or not key:
            source.fail(number, f"{quoted(line)}: must be a key, a colon and a value")
        if not value.strip():
            source.fail(number, f"{key} has no value")
        values.append((key.replace("-", "_"), SourceLine(number, _unquoted(value.strip()))))
    source.fail(len(lines), "the front matter does not end; a line --- is missing")


def _unquoted(value: str) -> str:
    """Return a value without the quotes that YAML allows around it."""
    match = _QUOTED.fullmatch(value)
    if match is None:
        return value
    if match["double"] is not None:
        return re.sub(r"\\(.)", r"\1", match["double"]).strip() or value
    return match["single"].replace("''", "'").strip() or value


def sections(source: Source, lines: list[str], begin: int) -> Iterator[SourceSection]:
    """Yield what stands under each `## ` heading after the first `begin` lines."""
    section: SourceSection | None = None
    fence: SourceLine | None = None
    for number, line in enumerate(lines[begin:], start=begin + 1):
        if fence is not None:
            assert section is not None
            if _ends(line, fence.text):
                fence = None
            else:  # the panes read code by its indent
                section.text.append(f"    {line}" if line else "")
        elif section is not None and (opens := _opened(line)):
            if section.directives:
                _add(source, section, number, line)  # which says what is allowed there
            fence = SourceLine(number, opens)
        elif line.startswith("#"):
            title = line.lstrip("#").strip()
            if not line.startswith("## ") or not title:
                source.fail(number, "a heading must be ## and a title")
            if section is not None:
                yield section
            section = SourceSection(SourceLine(number, title))
        elif section is None:
            if line:
                source.fail(number, "text stands before the first heading; ## and a title must come first")
        else:
            _add(source, section, number, line)
    if fence is not None:
        source.fail(fence.number, f"the code that begins here does not end; a line {fence.text} is missing")
    if section is None:
        source.fail(len(lines), "has no heading; ## and a title begin a page, ## Task: and a title a task")
    yield section


def _opened(line: str) -> str:
    """Return the signs that a line begins fenced code with; empty where it begins none."""
    match = _FENCE.fullmatch(line)
    return "" if match is None or (match["fence"][0] == "`" and "`" in match["info"]) else match["fence"]


def _ends(line: str, opens: str) -> bool:
    match = _FENCE.fullmatch(line)
    return match is not None and not match["info"].strip() and match["fence"].startswith(opens)


def _add(source: Source, section: SourceSection, number: int, line: str) -> None:
    match = _DIRECTIVE.fullmatch(line)
    if match is not None and not section.is_task and match[1] in _OF_PAGES:
        section.shows.append(SourceLine(number, match[2].strip()))
    elif match is not None and section.is_task:
        section.directives.append((match[1], SourceLine(number, match[2].strip())))
    elif section.directives and line:
        if not line.startswith("  "):
            source.fail(number, f"text after the lines {', '.join(_DIRECTIVES)}; two spaces go on with the line above")
        name, last = section.directives[-1]
        section.directives[-1] = name, SourceLine(last.number, f"{last.text} {line.strip()}")
    elif not section.directives:
        section.text.append(line)


def joined(lines: Iterable[str]) -> str:
    """Return lines as one text without empty lines around it."""
    return "\n".join(lines).strip("\n")

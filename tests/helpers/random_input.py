"""Input at random as a terminal sends it: keys of the app and others, words for dialogs, mouse, new sizes."""

from __future__ import annotations

import random
from collections.abc import Iterator

from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.message import Message

Size = tuple[int, int]
"""Columns and rows."""
Act = str | Size
"""What a terminal sends at once, or a size it takes."""

ESCAPE = "\x1b"
_STEPPING = ("\x1b[C", "\x1b[D", "\x1b[B", "\x1b[A", "\x1b[H", "\x1b[F", *"hjkl[]", " ", *"+-=")
_LOOKING = (*"1234yymmJKc", "\x1b[5~", "\x1b[6~")
_DIALOGS = (*"ugexxrcus", "?", "\x10")
_EDITING = ("\t", "\x1b[Z", "\r", ESCAPE, "\x7f", "\x1b[3~", "\x01", "\x05", "\x0b", "\x15", "\x17")
_OTHERS = (
    *"abdfinoptvwzABCDEFGHILMNOPRSTUVWXYZ", *"056789", *".,;:!%&*()_{}|<>'\"#@$^`\\", *"äß€漢́🙂\u200d\xa0",
    *(f"\x1b[{n}~" for n in (2, 15, 17, 18, 19, 20, 21, 23, 24)), "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS",
    "\x04", "\x06", "\x07", "\x0c", "\x0e", "\x0f", "\x12", "\x13", "\x14", "\x16", "\x18", "\x19", "\x00", "\x1f",
    "\x1b[1;5C", "\x1b[1;5D", "\x1b[1;2A", "\x1b[1;2B", "\x1ba", "\x1b[I", "\x1b[O",
)  # fmt: skip
_KEYS = ((_STEPPING, 50), (_LOOKING, 13), (_DIALOGS, 1), (_EDITING, 16), (_OTHERS, 11), ((ESCAPE,), 9))

_WORDS = (
    "g7\r", "g64\r", "g3 2\r", "g16.4\r", "g0\r", "g1\r", "g48\r", "u1\r", "u2\r", "u3\r", "u4\r", "u50.5\r", "u6\r",
    "u7\r", "r", "x\r", "e\r", "e\x1b[B\x1b[B5\r", "c\x1b[C\x1b[C", "y2", "m\x1b", "\x10light\r", "\x10dark\r",
    "\x10marker\r", "\x10step\r", "?\x1b[6~\x1b", "\x1b[200~0.02 [b]\n\x1b[31m€\x1b[201~",
)  # fmt: skip
_EDITS = ("0.02", "0.5", "5", "3", "7", "33", "1", "1e300", "1e-300", "abc", "-1", "999", "2000", "float32", "100000")
SMALLEST, LARGEST = (1, 1), (300, 100)


def random_input(seed: int, size: Size) -> Iterator[Act]:
    """Yield acts for ever, the same for the same seed; `size` is the terminal's at first."""
    chance = random.Random(seed)
    groups, weights = zip(*_KEYS, strict=True)
    while True:
        kind = chance.random()
        if kind < 0.85:
            yield chance.choice(chance.choices(groups, weights)[0])
        elif kind < 0.86:
            yield from _typed(chance.choice(_WORDS))
        elif kind < 0.864:
            yield from ("e", *["\t"] * chance.randrange(16), *chance.choice(_EDITS), "\r")
        elif kind < 0.985:
            yield _mouse(chance, size)
        else:
            size = _size(chance)
            yield size


def _typed(text: str) -> Iterator[str]:
    """Split what is typed into keys."""
    while text:
        end = text.find("\x1b[201~") + 6 if text.startswith("\x1b[200~") else 1
        if text[:2] in ("\x1b[", "\x1bO") and end == 1:
            end = next(i for i, c in enumerate(text) if i > 1 and (c.isalpha() or c == "~")) + 1
        yield text[:end]
        text = text[end:]


def _mouse(chance: random.Random, size: Size) -> str:
    """Return a click, a movement or a turn of the wheel, now and then outside of the terminal."""
    x, y = (chance.randint(1, side + (chance.random() < 0.05)) for side in size)
    kind = chance.random()
    if kind < 0.6:
        button = chance.choice((0, 0, 0, 1, 2))
        return f"\x1b[<{button};{x};{y}M\x1b[<{button};{x};{y}m"
    if kind < 0.8:
        return f"\x1b[<{chance.choice((64, 65))};{x};{y}M"
    if kind < 0.85:
        return f"\x1b[<0;{x};{y}M"  # pressed, and let go nowhere
    return f"\x1b[<35;{x};{y}M"


def _size(chance: random.Random) -> Size:
    if chance.random() < 0.4:
        return chance.choice(((160, 45), (80, 24), (120, 36), (60, 18), (59, 17), SMALLEST, LARGEST, (119, 36)))
    most = LARGEST if chance.random() < 0.1 else (180, 50)
    return chance.randint(1, most[0]), chance.randint(1, most[1])


def messages(sent: str) -> list[Message]:
    """Return what textual makes of something sent by a terminal."""
    if sent == ESCAPE:
        return [Key("escape", ESCAPE)]  # the parser would wait for what may follow
    return list(_PARSER.feed(sent))


_PARSER = XTermParser()

"""Shared by the CSV reader's tests: tables written in every allowed way, and files that are nearly such tables."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from tui_linreg.engine.data.csv_cells import is_like_a_number


@dataclass(frozen=True)
class Table:
    """A valid file and what it holds, known from how it was made and not from reading it."""

    data: bytes
    x: str
    """The name or number to choose column x by."""
    y: str
    names: tuple[str, str]
    rows: list[tuple[float, float]]


_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
_NAMES = st.sampled_from(
    ["height", "Größe", "[red]x[/red]", "\x1b[31mx", "a\x07b", "two\nlines", "a\r\nb", "a,b", "p;q", "t\tt", "$1", "５"]
)
_QUOTED_NAMES = st.sampled_from(['a "b"', 'a "b", c', '"'])
_DIGITS = st.text("0123456789", min_size=1, max_size=30)
_EXPONENTS = st.builds("{}{}{}".format, st.sampled_from("eE"), st.sampled_from(["", "+", "-"]), st.integers(0, 330))
_NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**40), 10**40).map(str),
    st.builds(
        lambda sign, digits, exponent: sign + digits + exponent,
        sign=st.sampled_from(["", "+", "-"]),
        digits=st.one_of(_DIGITS, st.builds("{}.{}".format, _DIGITS, st.just("") | _DIGITS), _DIGITS.map(".{}".format)),
        exponent=st.just("") | _EXPONENTS,
    ),
)


def value(text: str) -> float | None:
    """The number that a cell's text stands for, by exact arithmetic; None when it is too large."""
    try:
        return float(Fraction(text))
    except OverflowError:
        return None


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Tables of 2 to 5 columns; delimiters, line ends, quotes, blanks and blank lines differ from line to line."""
    delimiter = draw(st.sampled_from(",;\t"))
    width = draw(st.integers(2, 5))
    # Where the delimiter is not the comma, quotes inside names would leave open which one it is.
    texts = _ANY_TEXT | _NAMES | _QUOTED_NAMES if delimiter == "," else _NAMES
    names = draw(st.lists(texts.map(str.strip).filter(bool), min_size=width, max_size=width, unique=True))
    names[0] = "n" + names[0]
    assume(len(set(names)) == width)
    first, second = draw(st.permutations(range(width)))[:2]
    assume(not any(is_like_a_number(names[at]) for at in (first, second)))
    chosen = []
    for position in (first, second):
        number = str(position + 1)
        chosen.append(number if number not in names and draw(st.booleans()) else names[position])
    rows = draw(st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=3, max_size=12))
    numbers = [(x, y) for x, y in ((value(x), value(y)) for x, y in rows) if x is not None and y is not None]
    assume(len(numbers) == len(rows))
    assume(len({x for x, _ in numbers}) > 1)
    ends = st.sampled_from(["\n", "\r\n", "\r"])
    blank_lines = st.sampled_from(["", "", "", "\n", "  \r\n", '""\n'])
    pieces = [draw(blank_lines), _line(draw, names, delimiter), draw(ends)]
    for x, y in rows:
        cells = [draw(_ANY_TEXT) for _ in names]
        cells[first], cells[second] = x, y
        pieces += [draw(blank_lines), _line(draw, cells, delimiter), draw(st.sampled_from(["", delimiter]))]
        pieces.append(draw(ends))
    if draw(st.booleans()):
        pieces.pop()
    mark = draw(st.sampled_from([b"", codecs.BOM_UTF8]))
    data = mark + "".join(pieces).encode()
    return Table(data, chosen[0], chosen[1], (names[first], names[second]), numbers)


def _line(draw: st.DrawFn, cells: list[str], delimiter: str) -> str:
    return delimiter.join(_cell(draw, cell) for cell in cells)


def _cell(draw: st.DrawFn, text: str) -> str:
    before = draw(st.sampled_from(["", "", " "]))
    if any(c in text for c in '",;\t\r\n') or text != text.strip() or draw(st.booleans()):
        return before + '"' + text.replace('"', '""') + '"'
    return before + text + draw(st.sampled_from(["", "", " "]))


PIECES = [
    *(b"\0", b"\r", b"\n", b"\r\n", b"\t", b"1 000", b"\xff", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", codecs.BOM_UTF8),
    *b', ,, ; " "" 1e400 -1e400 1e-400 0x10 nan inf -Infinity _1 1_000 1,000 1.000.000 1\'000 3,5 --1 + . 1e'.split(),
    *(c.encode() for c in ("１２", "١٢", "²", "½", "−1", "\u00a01", "\u2028", "\x85", "\x1c", "\u200b", "é", "😀")),
    *(b"\x1b[31m", b"\x1b]0;title\x07", b"[red]", b"[/]", b"\x7f", b"\x08", b"9" * 400, b"0" * 400 + b"1"),
]
"""What tears a file apart, or looks like a number to somebody."""

_Mutation = tuple[str, int, int, bytes]
_MUTATIONS: st.SearchStrategy[_Mutation] = st.tuples(
    st.sampled_from(["insert", "replace", "delete", "cut", "repeat"]),
    st.integers(0, 1000),
    st.integers(0, 20),
    st.sampled_from(PIECES) | st.binary(max_size=4),
)


def _mutated(data: bytes, mutations: list[_Mutation]) -> bytes:
    for kind, place, length, piece in mutations:
        start = place % (len(data) + 1)
        end = start + length
        data = {
            "insert": data[:start] + piece + data[start:],
            "replace": data[:start] + piece + data[end:],
            "delete": data[:start] + data[end:],
            "cut": data[:start],
            "repeat": data[:end] + data[start:end] * 3 + data[end:],
        }[kind]
    return data


_RECODED = st.builds(
    lambda table, encoding: table.data.decode("utf-8-sig").encode(encoding, "replace"),
    tables(),
    st.sampled_from(["utf-16", "utf-16-le", "utf-32", "utf-7", "utf-8-sig", "latin-1", "cp037"]),
)
FILES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(PIECES), max_size=12).map(b"".join),
    st.builds(_mutated, tables().map(lambda table: table.data), st.lists(_MUTATIONS, min_size=1, max_size=4)),
    _RECODED,
)
"""Bytes, mostly of files that are nearly right."""

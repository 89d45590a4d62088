"""Shared by the tests of derivations: steps made in NumPy, numbers with the error their digits have, sound LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import torch

from tui_linreg.engine.schedule import Place
from tui_linreg.engine.step import Side, Step
from tui_linreg.study.derivation.derivation import Derivation
from tui_linreg.study.derivation.layout import Equation

Numbers = Sequence[float] | npt.NDArray[np.float64]


def made(x: Numbers, y: Numbers, b: float, w: float, lr: float = 0.01, start: int = 0, dtype: str = "float64") -> Step:
    """A step worked out in NumPy, as a right model has it."""
    with np.errstate(all="ignore"):
        xs, ys = np.asarray(x, dtype), np.asarray(y, dtype)
        b_, w_, m = xs.dtype.type(b), xs.dtype.type(w), len(xs)
        y_pred = b_ + w_ * xs
        signal = xs.dtype.type(2) * (y_pred - ys) / xs.dtype.type(m)
        grads = signal.sum(), (signal * xs).sum()
        side = Side(
            float(b_), float(w_), torch.from_numpy(y_pred), float(((y_pred - ys) ** 2).mean()),
            torch.from_numpy(signal), float(grads[0]), float(grads[1]),
            float(b_ - xs.dtype.type(lr) * grads[0]), float(w_ - xs.dtype.type(lr) * grads[1]),
        )  # fmt: skip
    place = Place(3, 0, 3, start, start + m)
    return Step(place, lr, torch.from_numpy(xs), torch.from_numpy(ys), side, side, {}, lambda start, stop: None)  # type: ignore[arg-type, return-value]


def section(found: Derivation, key: str) -> list[Equation]:
    return [item for part in found.sections if part.key == key for item in part.items if isinstance(item, Equation)]


@dataclass(frozen=True)
class Shown:
    """A number as its digits say it: half a unit of the last one uncertain; `size` bounds what rounding may add."""

    value: float
    error: float
    size: float

    def __add__(self, o: Shown) -> Shown:
        return Shown(self.value + o.value, self.error + o.error, self.size + o.size)

    def __sub__(self, o: Shown) -> Shown:
        return Shown(self.value - o.value, self.error + o.error, self.size + o.size)

    def __mul__(self, o: Shown) -> Shown:
        error = abs(self.value) * o.error + abs(o.value) * self.error + self.error * o.error
        return Shown(self.value * o.value, error, self.size * o.size)

    def __truediv__(self, o: Shown) -> Shown:
        assert o.error == 0.0
        return Shown(self.value / o.value, self.error / o.value, self.size / o.value)

    def __pow__(self, two: int) -> Shown:
        assert two == 2
        return self * self


def digits(text: str, whole: frozenset[str]) -> Shown:
    """Read a number; counts and those in `whole` are no roundings (of 7 digits and more there is no room for a dot)."""
    mantissa, _, power = text.partition("e")
    places = len(mantissa.partition(".")[2])
    error = 0.0 if text in whole or re.fullmatch(r"[0-9]{1,4}", text) else 0.51 * 10.0 ** (int(power or 0) - places)
    return Shown(float(text), error, abs(float(text)))


NUMBER = r"(?<![\w.])(-?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)"


def evaluate(python: str, whole: frozenset[str] = frozenset()) -> Shown:
    """Evaluate an expression of decimal numbers, a number beside a bracket being a product."""
    python = re.sub(r"\)\s*\(", ") * (", python)
    found = eval(
        re.sub(NUMBER, r'N("\1")', python).replace('** N("2")', "** 2"), {"N": lambda text: digits(text, whole)}
    )  # numbers only
    assert isinstance(found, Shown)
    return found


def fraction(written: str) -> Fraction | None:
    """The exact value of finite decimals put in as they stand; None where something else stands there."""
    if not re.fullmatch(r"[-0-9.e+() −·²/]+", written) or re.search(r"(?<![0-9])e", written):
        return None
    python = written.replace("−", "-").replace("·", "*").replace("²", " ** 2")
    python = re.sub(r"\)\s*\(", ") * (", re.sub(r"([0-9]) \(", r"\1 * (", python))
    found = eval(re.sub(NUMBER, r'F("\1")', python).replace('** F("2")', "** 2"), {"F": Fraction})  # numbers only
    assert isinstance(found, Fraction)
    return found


def assert_equal(a: Shown, b: Shown, slack: float) -> None:
    assert abs(a.value - b.value) <= a.error + b.error + slack * (a.size + b.size) + 1e-300, (a, b)


COMMANDS = {
    *("noindent", "textbf", "begin", "end", "frac", "partial", "hat", "eta", "theta", "delta", "mathbf", "mathrm"),
    *("sum", "nabla", "cdot", "ldots", "leftarrow", "in", "neq", "approx", "overset"),
    *("lVert", "rVert", "top", "times", "infty"),
}


def sound(latex: str) -> bool:
    """Check that it would compile: known commands, balanced braces and environments, one alignment mark a row."""
    assert latex.isascii()
    body = "\n".join(line for line in latex.splitlines() if not line.startswith("%"))
    assert set(re.findall(r"\\([a-zA-Z]+)", body)) <= COMMANDS
    depth = 0
    for brace in re.sub(r"\\.", "", body):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0
    pieces = re.split(r"\\begin\{align\*\}(.*?)\\end\{align\*\}", body, flags=re.DOTALL)
    for words in pieces[::2]:
        assert r"\begin" not in words
        assert words.count("$") % 2 == 0
        outside = "".join(words.split("$")[::2])
        assert not re.search(r"[&#%_^~]|\\(?!noindent|textbf)", outside)
    for rows in pieces[1::2]:
        assert "$" not in rows
        for row in rows.split(r"\\"):
            assert row.count("&") == 1
            assert row.count("(") == row.count(")")
            assert not re.search(r"\^\{[^}]*\}\^|_\{[^}]*\}_|[\^_](?!\{)", row)  # no double script, none bare
            assert row.strip()[0] not in "[*"
    return True

"""`Rates`: the learning rate η of every step of a run, which may change on the way. Loads neither NumPy nor torch."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.engine.errors import quoted
from tui_linreg.engine.field import Part, is_number, number, text_of, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LARGEST_STEP = 10**18  # more than the longest run has, and a 64-bit integer
_AT, _JOIN = "@", ","

is_rate = is_number(lambda value: value > 0)
"""The check for a single learning rate: a finite number above 0."""


class Stretch(NamedTuple):
    """The steps, from 0, that have one learning rate."""

    lr: float
    first: int
    stop: int | None
    """Exclusive; None: there is no end to it."""

    @property
    def name(self) -> str:
        """The rate, and which steps have it unless all have; they count from 1."""
        return f"η {self.lr:g}{self.when}"

    @property
    def when(self) -> str:
        """Which steps have it, counted from 1, with a blank before; empty where all have."""
        if self.stop is None:
            return f" from step {self.first + 1} on" if self.first else ""
        return f" in steps {self.first + 1} to {self.stop}" if self.first else f" up to step {self.stop}"

    @property
    def whole(self) -> bool:
        """Whether all steps of a run have this rate."""
        return self.first == 0 and self.stop is None

    @property
    def note(self) -> str:
        """That there are other rates besides, in one sentence; empty where there is none."""
        return "" if self.whole else f"of the present learning rate: {self.name}"


def _rate(text: str, part: str = "") -> float:
    try:
        rate = number(text)
    except ValueError:
        raise Part(f"{quoted(text)} is no number") if part else ValueError(text) from None
    if not is_rate(rate):
        raise Part(f"{quoted(part)} has no rate above 0") if part else ValueError(text)
    return rate


def _first(text: str, part: str) -> int:
    """Return a step, counted from 1 in the text, from 0."""
    try:
        first = whole(text) - 1
    except ValueError:
        first = -1
    if not 0 <= first < _LARGEST_STEP:
        raise Part(f"{quoted(part)} names no step from 1 on")
    return first


@dataclass(frozen=True, slots=True)
class Rates:
    """The learning rates of a run and the steps from which they hold. Equal ones give every step the same rate."""

    lrs: tuple[float, ...]
    firsts: tuple[int, ...]
    """The first step of each rate, from 0 and rising; the first is 0, the last rate has no end."""

    @classmethod
    def of(cls, lr: float | str) -> Rates:
        """Return what `RunConfig.lr` stands for.

        Raises:
            ValueError: as `parse`.
        """
        return cls.parse(lr) if isinstance(lr, str) else cls((float(lr),), (0,))

    @classmethod
    def parse(cls, text: str) -> Rates:
        """Return what one number, or text such as "0.1@1,0.01@65", stands for; steps count from 1 in it.

        Raises:
            ValueError: unless all rates are finite and above 0, the first step is 1 and the steps rise.
        """
        if _AT not in text:
            return cls((_rate(text),), (0,))
        changes: list[tuple[float, int]] = []
        for part in text.split(_JOIN):
            lr, at, step = part.partition(_AT)
            if not at:
                raise Part(f"{quoted(part)} names no step")
            changes.append((_rate(lr.strip(), part), _first(step.strip(), part)))
        if changes[0][1] != 0:
            raise Part(f"the first rate is at step {changes[0][1] + 1}")
        for (_, one), (_, other) in pairwise(changes):
            if other <= one:
                raise Part(f"step {other + 1} comes after step {one + 1}")
        return cls._merged(changes)

    @classmethod
    def _merged(cls, changes: list[tuple[float, int]]) -> Rates:
        """Return these rates, without a change that changes nothing."""
        kept = [change for at, change in enumerate(changes) if not at or change[0] != changes[at - 1][0]]
        return cls(tuple(lr for lr, _ in kept), tuple(first for _, first in kept))

    def __str__(self) -> str:
        """Return the text that `parse` reads: the number alone where there is one."""
        if len(self.lrs) == 1:
            return text_of(self.lrs[0])
        changes = zip(self.lrs, self.firsts, strict=True)
        return _JOIN.join(f"{text_of(lr)}{_AT}{first + 1}" for lr, first in changes)

    @property
    def value(self) -> float | str:
        """What `RunConfig.lr` holds: the number, or where there are several the text."""
        return self.lrs[0] if len(self.lrs) == 1 else str(self)

    @property
    def words(self) -> str:
        """The first rate, and the first change where there is one."""
        more = f", {self.stretch(self.firsts[1]).name.removeprefix('η ')}" if len(self.lrs) > 1 else ""
        return f"η {self.lrs[0]:g}{more}"

    def stretch(self, step: int) -> Stretch:
        """Return the steps that have the same rate as `step` (from 0), in one go with it."""
        at = bisect_right(self.firsts, step) - 1
        return Stretch(self.lrs[at], self.firsts[at], self.firsts[at + 1] if at + 1 < len(self.firsts) else None)

    def at(self, step: int) -> float:
        """Return the learning rate of a step, from 0."""
        return self.lrs[bisect_right(self.firsts, step) - 1]

    def over(self, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the learning rates of steps, as `at` does of one, shape (k,)."""
        import numpy as np  # the first frame does without

        return np.array(self.lrs)[np.searchsorted(np.array(self.firsts), steps, side="right") - 1]

    def changed(self, lr: float, first: int) -> Rates:
        """Return the rates that have `lr` from step `first` (from 0) on, and what they have now before it."""
        before = [(rate, start) for rate, start in zip(self.lrs, self.firsts, strict=True) if start < first]
        return self._merged([*before, (float(lr), first)])

"""Ten samples for paper and pencil, six of which train: small integers, and a start that keeps decimals short.

Importable without torch. With batch size 4, the default, the factor 2/m is 1/2 and then, in the short batch of 2, 1.
With 2 it would always be 1, and a gradient without it would be right. η = 0.1 moves the point by one place. So with
either b and w gain one decimal a step; 3 or 6 would bring thirds.
Of many such sets this is one where few of the known mistakes give the same number as another, hardly any the right one,
and the loss over all six falls with each of the first epochs. `study.predict.questions` asks for such numbers.
"""

from __future__ import annotations

START = (1.0, -1.0)
"""b and w before the first step. Numbers drawn from N(0, 1) have sixteen digits."""
LEARNING_RATE = 0.1
"""What `RunConfig.read` takes where no rate is typed."""
BATCH_SIZE = 4
"""What a run takes where no size is given."""

N_TRAIN = 6
"""The first so many of `tiny_samples` train, the rest validates."""

_TRAIN = ((2, 6), (3, 7), (0, 0), (1, 3), (-2, -4), (-1, 0))
_VALID = ((-3, -6), (2, 4), (1, 4), (4, 9))


def tiny_samples() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return (x, y), each of shape (10,): the 6 that train, then 4 that validate; y lies around 1 + 2 x."""
    rows = _TRAIN + _VALID
    return tuple(float(x) for x, _ in rows), tuple(float(y) for _, y in rows)

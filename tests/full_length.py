"""How much the tests go through: a share that takes minutes, or with TUI_LINREG_LONG=1 all there is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

LONG = bool(os.environ.get("TUI_LINREG_LONG"))
"""Whether all there is to be tried is tried, which takes an hour or more."""

T = TypeVar("T")


def at_full_length(*more: T) -> Sequence[T]:
    """What is tried at full length only."""
    return more if LONG else ()

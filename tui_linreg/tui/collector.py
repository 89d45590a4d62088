"""Python's garbage collector while the app starts: not at all until the libraries are there, and seldom from then on.

Half a million objects that stay are else gone through again and again: that is a tenth of the time to the first frame
and of the time to load, and later a frame of a fifth of a second now and then.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS = 50_000
"""Objects made and not freed after which it looks; Python's usual is 700, and a frame makes thousands."""


def put_off() -> None:
    """Let it wait until the libraries are loaded (`loading`)."""
    gc.disable()


@contextmanager
def loading() -> Iterator[None]:
    """Let it wait while libraries are imported, and keep what is there by then out of its sight for good."""
    put_off()
    try:
        yield
    finally:
        if not gc.get_freeze_count():  # once: the run that the next one replaces must stay collectable
            gc.freeze()
            gc.set_threshold(_NEW_OBJECTS)
        gc.enable()

"""torch's number of threads within one computation: the one place that changes it, and for a while only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def number_of_threads(count: int) -> Iterator[None]:
    """Let torch compute with `count` threads within the block; afterwards, also after an error, with as many as before.

    It holds for what the calling thread computes. A thread that uses torch for the first time meanwhile may begin with
    `count` as well, so let no other begin. Sums over long vectors are cut in as many parts, and so round differently.

    Raises:
        ValueError: when `count` is below 1.
    """
    if count < 1:
        raise ValueError(f"number_of_threads needs at least 1, got {count}")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)

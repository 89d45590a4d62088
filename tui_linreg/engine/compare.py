"""Comparing two tensors bit by bit and against an error bound, element by element."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from tui_linreg.engine.verdict import Comparison, Verdict


@dataclass(frozen=True, slots=True)
class Elementwise:
    """A comparison element by element, tensors of shape (m,)."""

    same: Tensor
    outside: Tensor
    ulps: Tensor
    """float64, on the CPU."""

    def rows(self, start: int, stop: int) -> Elementwise:
        """Return elements `start` to `stop` (exclusive)."""
        return Elementwise(self.same[start:stop], self.outside[start:stop], self.ulps[start:stop])


def compare(ours: Tensor, theirs: Tensor, explained: Tensor, bound: Tensor) -> Elementwise:
    """Compare tensors of shape (m,) element by element.

    Args:
        ours: the scratch model's values.
        theirs: torch's values.
        explained: the part of ours − theirs that follows from the parameters' drift before this step.
        bound: forward-error bound of what is left; inf or nan where an overflow makes rounding unbounded.
    """
    same = identical(ours, theirs)
    # Not "> bound": a difference that is nan is outside, unless there is no bound.
    inside = ((ours - theirs - explained).abs() <= bound) | ~bound.isfinite()
    return Elementwise(same, ~inside & ~same, ulps_apart(ours, theirs))


def worst(elements: Elementwise) -> Comparison:
    """Return the verdict on the whole: the worst of the elements'."""
    unequal = len(elements.same) - int(elements.same.sum())
    if not unequal:
        return Comparison(Verdict.IDENTICAL, 0.0, 0)
    verdict = Verdict.DIFFERS if bool(elements.outside.any()) else Verdict.ROUNDING
    return Comparison(verdict, float(elements.ulps.max()), unequal)


def each(elements: Elementwise) -> list[Comparison]:
    """Return one comparison for each element."""
    rows = zip(elements.same.tolist(), elements.outside.tolist(), elements.ulps.tolist(), strict=True)
    return [_one(same, outside, ulps) for same, outside, ulps in rows]


def _one(same: bool, outside: bool, ulps: float) -> Comparison:
    if same:
        return Comparison(Verdict.IDENTICAL, 0.0, 0)
    return Comparison(Verdict.DIFFERS if outside else Verdict.ROUNDING, ulps, 1)


def identical(a: Tensor, b: Tensor) -> Tensor:
    """Say, element by element, whether two tensors hold the same bits; every nan counts as the same nan."""
    return (_bits(a) == _bits(b)) | (a.isnan() & b.isnan())


def ulps_apart(a: Tensor, b: Tensor) -> Tensor:
    """Return how many representable floats apart a and b are, as float64; nan where one is not finite.

    Floats of one sign are ordered as their bit patterns, so the distance is a difference of integers.
    """
    order_a, order_b = _bits(a), _bits(b)
    lowest = torch.iinfo(order_a.dtype).min
    magnitude_a, magnitude_b = order_a & ~lowest, order_b & ~lowest
    one_sign = (order_a < 0) == (order_b < 0)
    near = (magnitude_a - magnitude_b).abs().cpu().to(torch.float64)
    far = magnitude_a.cpu().to(torch.float64) + magnitude_b.cpu().to(torch.float64)
    distance = torch.where(one_sign.cpu(), near, far)
    finite = (a.isfinite() & b.isfinite()).cpu()
    distance = torch.where(finite, distance, torch.full_like(distance, torch.nan))
    return torch.where(identical(a, b).cpu(), torch.zeros_like(distance), distance)


def _bits(values: Tensor) -> Tensor:
    return values.contiguous().view(torch.int64 if values.dtype == torch.float64 else torch.int32)

"""The gradient check: one step's gradient by hand, by autograd and by finite differences.

The loss is quadratic in b and w, so that its central difference has no truncation error: but for rounding the three are
the same number. R bounds what rounding may leave between two of them:

    R = 16 u G + 2 E (by hand and autograd), R = 16 u (G + L/h) + 2 E (one of them and the central difference)

u is the unit roundoff. G = Σᵢ (2/m)(|b| + |w xᵢ| + |yᵢ|)|xᵢ| (without |xᵢ| for b) is the size of the gradient's terms:
rounding may leave some u G of the gradient, however much of it cancels. L is the larger loss of the difference
quotient, whose rounding of some u L is divided by h. E is how far the sum of the gradient's terms is off when they are
added in one row or in lanes, as a loop or a matrix product may do. It is measured on this mini-batch: the classical
bound, m u G, says nothing about a long one in float32.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
import torch
from torch import Tensor

from tui_linreg.engine.analysis.finite_difference import Point, central_difference
from tui_linreg.engine.device import gradients_on, product_roundoff, smallest_step
from tui_linreg.engine.models.reference import DRAWING, TorchLinearRegression
from tui_linreg.engine.step import Step
from tui_linreg.engine.verdicts.bounds import ROUNDINGS
from tui_linreg.engine.verdicts.sums import lost_in_lanes

ZERO_ROUNDINGS = 1024.0
"""A gradient of at most so many u G is "≈ 0". Its sum is off by a few u G; a run stands still where η |g| < u |θ|."""


class Band(Enum):
    """How a relative error is usually judged, with the words shown for it; from harmless to bad."""

    ZERO = "gradient ≈ 0"
    """Neither number is more than rounding."""
    FINE = "fine"
    SUSPICIOUS = "suspicious"
    WRONG = "probably wrong"
    UNKNOWN = "not finite"
    """One of the two numbers, or the scale to judge them by, is inf or nan."""


LIMITS = {torch.float64: (1e-9, 1e-6), torch.float32: (1e-5, 1e-3)}
"""The largest relative error that is fine, and the largest that is suspicious.

Nine digits of 16, five of 7. While the terms cancel to no less than 2e-6 G in float64, G/10 in float32, rounding by
16 u G is smaller than that; below, the denominator allows for it (`Pair.error`). The limits often taught (1e-7 fine, up
to 1e-4 usual, from 1e-2 on wrong) allow for truncation errors and for losses with kinks; a quadratic has neither.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two witnesses of one gradient, compared."""

    error: float
    """|p − q| / max(|p|, |q|, R/f), f the largest error that is fine: so R itself is fine. nan where not finite."""
    band: Band


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Three values of one gradient, and how far each two agree."""

    hand: float
    """As the hand-written model computed it in this step."""
    autograd: float
    """As autograd computed it (see `GradientCheck.asked_again`)."""
    central: float
    """The central difference quotient of the loss, at the hand-written model's parameters and in the run's dtype."""
    h: float
    """The step of that quotient."""
    hand_autograd: Pair
    hand_central: Pair
    autograd_central: Pair

    @property
    def band(self) -> Band:
        """The worse of the hand-written gradient's two bands; UNKNOWN only where both are."""
        decided = [pair.band for pair in (self.hand_autograd, self.hand_central) if pair.band is not Band.UNKNOWN]
        return max(decided, key=list(Band).index, default=Band.UNKNOWN)

    @property
    def odd_one_out(self) -> str | None:
        """The witness ("hand", "autograd", "central") that contradicts both others while those agree, or None."""
        pairs = {"hand": self.autograd_central, "autograd": self.hand_central, "central": self.hand_autograd}
        agree = [name for name, others in pairs.items() if others.band in (Band.ZERO, Band.FINE)]
        wrong = [pair for pair in pairs.values() if pair.band in (Band.SUSPICIOUS, Band.WRONG)]
        return agree[0] if len(agree) == 1 and len(wrong) == 2 else None


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """The gradient check of one step."""

    step: int
    b: Witnesses
    w: Witnesses
    asked_again: bool
    """Whether autograd computed the gradient anew, at the hand-written model's parameters: only where the two models'
    parameters are so far apart (after a mistake) that the gradients differ by more than rounding. Otherwise the value
    is that of torch's side of the step."""

    def as_json(self) -> dict[str, object]:
        """Return the step and the three values of each gradient; some may be inf or nan."""
        names = ("hand", "autograd", "central")
        return {
            "step": self.step,
            **{name: {"b": getattr(self.b, name), "w": getattr(self.w, name)} for name in names},
        }


@dataclass(frozen=True, slots=True)
class _Rounding:
    """What rounding may leave between two witnesses."""

    size: float
    """G, for the central difference with L/h."""
    unit: float
    summed: float
    """2 E."""

    @property
    def bound(self) -> float:
        """R."""
        return ROUNDINGS * self.unit * self.size + self.summed


@dataclass(frozen=True, slots=True)
class _Scale:
    """The sizes that one gradient is judged by."""

    size: float
    """G."""
    curvature: float
    """∂²L/∂θ²: 2, or 2 mean(x²)."""
    h: float


def gradient_check(step: Step) -> GradientCheck:
    """Return the gradient check of a step; takes some twenty passes over its mini-batch, most of them on its device."""
    ours, theirs, x, y = step.scratch, step.torch, step.x, step.y
    unit = product_roundoff(x.device, x.dtype)
    point = Point(ours.b_before, ours.w_before)
    with torch.inference_mode():
        scales = _scales(x, y, *point)
        lost = _lost_by_adding(x, y, point)
        drift_b, drift_w = abs(theirs.b_before - ours.b_before), abs(theirs.w_before - ours.w_before)
        abs_x = float(x.abs().mean().item())
        carried = (2 * (drift_b + drift_w * abs_x), 2 * drift_b * abs_x + drift_w * scales[1].curvature)
    again = any(not c <= ROUNDINGS * unit * s.size for c, s in zip(carried, scales, strict=True)) and any(carried)
    autograd = _autograd(x, y, point) if again else (theirs.grad_b, theirs.grad_w)
    witnesses = []
    for which, (hand, scale) in enumerate(zip((ours.grad_b, ours.grad_w), scales, strict=True)):
        central, loss = central_difference(x, y, point, which, scale.h)
        limits = torch.finfo(x.dtype)
        # The quotient is off by the roundings of two losses; and squares that underflow are lost to it.
        unseen = (loss + limits.smallest_normal / unit) / scale.h
        summed = 2 * lost[which]
        exact, coarse = (_Rounding(size, unit, summed) for size in (scale.size, scale.size + unseen))
        witnesses.append(
            Witnesses(
                hand,
                autograd[which],
                central,
                scale.h,
                _compare(hand, autograd[which], exact, x.dtype),
                _compare(hand, central, coarse, x.dtype),
                _compare(autograd[which], central, coarse, x.dtype),
            )
        )
    return GradientCheck(step.place.step, witnesses[0], witnesses[1], again)


def _scales(x: Tensor, y: Tensor, b: float, w: float) -> tuple[_Scale, _Scale]:
    """Return the scales for b and w.

    h = G/H, rounded to a power of two, with H the curvature. MSE is quadratic, so a central difference has no
    truncation error, and its rounding, u (L/h + h H/2), is least at h = √(2L/H). That goes to 0 with L, where θ ± h
    would be θ; G/H does not, and there that rounding is no more than the u G of the gradient itself.
    """
    most = torch.finfo(x.dtype).max / 8  # so that neither θ ± h nor 2h overflows
    abs_x = x.abs()
    largest = float(abs_x.max().item())
    terms = (w * x).abs_().add_(abs(b)).add_(y.abs())
    size_b = 2 * float(terms.mean().item())
    if not 0 < largest < math.inf:
        return _Scale(size_b, 2.0, _power(size_b / 2, b, most)), _Scale(0.0, 0.0, _power(math.nan, w, most))
    # In units of the largest |x|, so that its square neither overflows nor underflows.
    part = abs_x.div_(largest)
    size_part = 2 * float(terms.mul_(part).mean().item())
    square = float(part.square_().mean().item())
    h = size_part / (2 * square) / largest
    curvature = 2 * square * largest * largest
    return _Scale(size_b, 2.0, _power(size_b / 2, b, most)), _Scale(size_part * largest, curvature, _power(h, w, most))


def _power(h: float, parameter: float, most: float) -> float:
    """Return the power of two at or below h and `most`; where h is no positive number, that of the parameter's size."""
    if not 0 < h < math.inf:
        h = max(1.0, abs(parameter)) if math.isfinite(parameter) else 1.0
    return math.ldexp(0.5, math.frexp(min(h, most))[1])


def _autograd(x: Tensor, y: Tensor, point: Point) -> tuple[float, float]:
    """Return (∂L/∂b, ∂L/∂w) as `nn.Linear`, `nn.MSELoss` and `backward()` compute it at `point`."""
    with gradients_on():
        with DRAWING, torch.random.fork_rng(devices=[]):  # the layer's own draw must not move torch's generator
            model = TorchLinearRegression(device=x.device, dtype=x.dtype)
        with torch.no_grad():
            model.layer.bias.fill_(point.b)
            model.layer.weight.fill_(point.w)
        model.loss(model(x.unsqueeze(1)), y.unsqueeze(1)).backward()
    bias, weight = model.layer.bias.grad, model.layer.weight.grad
    assert bias is not None  # backward() filled both
    assert weight is not None
    return float(bias.item()), float(weight.item())


def _lost_by_adding(x: Tensor, y: Tensor, point: Point) -> tuple[float, float]:
    """Return E of ∂L/∂b and ∂L/∂w: how far a sum of their terms in one row or in lanes is off, with underflow."""
    m, smallest = len(x), smallest_step(x.device, x.dtype)
    own_x, own_y = (values.detach().cpu().numpy() for values in (x, y))
    with np.errstate(all="ignore"):
        signal = (point.b + point.w * own_x - own_y) * x.new_tensor(2 / m).item()
        off = [float(lost_in_lanes(terms[None])[0]) for terms in (signal, signal * own_x)]
        lost = 2 * smallest * m
        return off[0] + lost, off[1] + lost * (1 + float(np.abs(own_x).mean(dtype=np.float64)))


def _compare(p: float, q: float, rounding: _Rounding, dtype: torch.dtype) -> Pair:
    """Return how far p and q agree."""
    bound = rounding.bound
    if not (math.isfinite(p) and math.isfinite(q) and math.isfinite(bound)):
        return Pair(math.nan, Band.UNKNOWN)
    fine, suspicious = LIMITS[dtype]
    largest = max(abs(p), abs(q))
    error = abs(p / 2 - q / 2) / max(largest, bound / fine) * 2 if largest > 0 else 0.0
    if largest <= max(ZERO_ROUNDINGS * rounding.unit * rounding.size, bound):
        return Pair(error, Band.ZERO)
    if error <= fine:
        return Pair(error, Band.FINE)
    return Pair(error, Band.SUSPICIOUS if error <= suspicious else Band.WRONG)

"""Measures the constants and the limits of the verdicts; what it prints stands in docs/verdicts.md.

python tests/measurements/verdict_limits.py              all of it, about a quarter of an hour on two cores
python tests/measurements/verdict_limits.py limits       one part: alarms, limits or decay
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from engine_helpers import Array, PlainLoop, Scratch, line_data, on_data, planted_limit

from tui_linreg.engine.device import number_of_threads
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.step import Verdict
from tui_linreg.engine.training.session import Session

MODELS: dict[str, Scratch] = {"built-in": SimpleLinearRegression, "plain loop": PlainLoop}
DTYPES = ("float64", "float32")
LENGTHS = (1, 2, 7, 33, 100, 513, 3000, 20_000, 40_000)
PARTS = (1e-8, 0.01, 0.5, 0.999999, 1.001, 30)
"""Learning rates, as parts of η_max."""


def kinds(seed: int, n: int, dtype: str) -> Iterator[tuple[str, Array, Array]]:
    """Data that are hard for floating-point sums."""
    random = np.random.default_rng(seed)
    x, y = line_data(seed, n)
    far, small, large = (1e8, 1e-300, 1e300) if dtype == "float64" else (1e4, 1e-37, 1e36)
    yield "normal", x, y
    yield "one sign", np.abs(x) + 1, np.abs(y) + 70
    yield "offset", x + far, y + far
    yield "24 decades", x * 10.0 ** random.uniform(-12, 12, n), y
    yield "cancellation", np.where(np.arange(n) % 2, x, -x), np.where(np.arange(n) % 2, 1e6, -1e6) + y
    yield "constant", np.full(n, 1.1) + 1e-9 * (np.arange(n) == 0), np.full(n, 73.1)
    yield "repeated", np.where(np.arange(n) % 2, 1.1, 1.3), np.full(n, 73.1)
    yield "subnormal", x, y * (1e-310 if dtype == "float64" else 1e-42)
    yield "tiny", x, y * small
    yield "huge", x, y * large
    yield "tiny x", x * small, y


def edge(x: Array) -> float:
    """η_max = 2/λ_max of the full batch."""
    with np.errstate(all="ignore"):
        hessian = 2 * np.array([[1, x.mean()], [x.mean(), (x * x).mean()]])
    return float(2 / np.linalg.eigvalsh(hessian).max()) if np.isfinite(hessian).all() else 0.1


def runs(quick: bool) -> Iterator[tuple[str, Session, int]]:
    """Sessions of correct models on all kinds of data, with the number of steps to judge."""
    for dtype in DTYPES:
        for m in LENGTHS[:: 3 if quick else 1]:
            for seed, part in enumerate(PARTS[:: 2 if quick else 1]):
                for kind, x, y in kinds(seed + m, max(2, m + m // 3), dtype):
                    for name, model in MODELS.items():
                        steps = 12 if m > 513 or quick else 60
                        options = {"dtype": dtype, "batch_size": m, "lr": part * edge(x), "epochs": steps}
                        yield f"{name}, {kind}", on_data(x, y, model, **options), steps
    for dtype in DTYPES:
        for part in (0.001, 0.999999):
            for kind, x, y in kinds(1, 100, dtype):
                for name, model in MODELS.items():
                    steps = 400 if quick else 20_000
                    options = {"dtype": dtype, "batch_size": 100, "lr": part * edge(x), "epochs": steps}
                    yield f"{name}, {kind}, long", on_data(x, y, model, **options), steps


def alarms(quick: bool) -> None:
    """Print how many steps of correct runs are ≠, with the program's constants and with smaller ones."""
    bounds, judge, one_way = (f"tui_linreg.engine.verdicts.{name}" for name in ("bounds", "judge", "one_way"))
    print("correct runs: steps judged, and steps that are ≠ with constants of")
    settings = [(16.0, 64.0), (8.0, 64.0), (4.0, 64.0), (2.0, 64.0), (1.0, 64.0), (16.0, 1.0), (16.0, 0.01)]
    for threads in (1, 2):
        judged, wrong, where = 0, Counter[tuple[float, float]](), Counter[str]()
        with number_of_threads(threads):
            for what, session, steps in runs(quick):
                for constants in settings if steps < 100 else (settings[0], settings[-1]):
                    with ExitStack() as stack:
                        for module in (bounds, judge):
                            stack.enter_context(patch(f"{module}.ROUNDINGS", constants[0]))
                        stack.enter_context(patch(f"{one_way}.TOGETHER", constants[1]))
                        session.restart()
                        found = sum(step.verdict is Verdict.DIFFERS for step in session.walk(0, steps))
                    wrong[constants] += found
                    if constants == settings[0]:
                        judged += steps
                        where[what] += found
        print(f"  {threads} thread{'s' * (threads > 1)}: {judged} steps")
        for constants in settings:
            print(f"    c = {constants[0]:<4g} together = {constants[1]:<5g} ≠ {wrong[constants]}")
        for what, count in where.items():
            if count:
                print(f"    ≠ {what}: {count}")


def limits(quick: bool) -> None:
    """Print the largest relative error of ∂L/∂w that is still ≈, by dtype, batch length and step."""
    print("largest relative error of ∂L/∂w in one step that is still ≈")
    for dtype in DTYPES:
        for m in (33, 100, 20_000) if quick else (33, 100, 20_000, 1_000_000):
            random = np.random.default_rng(0)
            x = random.standard_normal(m)
            y = 0.84 + 34 * x + random.standard_normal(m)
            session = on_data(x, y, dtype=dtype, batch_size=m, lr=0.01, epochs=101)
            found = [planted_limit(session, step) for step in (0, 99 if m < 10**6 else 9)]
            print(f"  {dtype}  B = {m:<9} step 1 {found[0]:.1e}  step {100 if m < 10**6 else 10} {found[1]:.1e}")


def decay(quick: bool) -> None:
    """Print how far w is off when a decay of w after each update is first seen, in float32."""
    print(
        "w decays by a part of itself after each update (float32, η 1e-4): when it is seen, and how far w is off then"
    )
    for units in (1, 1.5, 2, 3, 5, 8, 13, 20):

        class Decay(SimpleLinearRegression):
            rate = 1 - units * 2.0**-24

            def descend(self, grad_b, grad_w, lr):  # type: ignore[no-untyped-def]
                super().descend(grad_b, grad_w, lr)
                self.w *= self.rate

        worst = (0.0, 0)
        unseen = 0
        for seed in range(2 if quick else 12):
            x, y = line_data(seed, 100, 1.0, 0.5, 10.0)
            session = on_data(x, y, Decay, dtype="float32", seed=seed, lr=1e-4, batch_size=100, epochs=20_000)
            first = next((step for step in session.walk() if step.verdict is Verdict.DIFFERS), None)
            if first is None:
                unseen += 1
                off = abs(
                    session.timeline.states(session.trained)[0][1] / session.timeline.states(session.trained)[1][1] - 1
                )
                worst = max(worst, (off, session.trained))
            else:
                worst = max(worst, (abs(first.scratch.w_after / first.torch.w_after - 1), first.place.step + 1))
        print(
            f"  {units:>4} u a step: at worst {worst[0]:.1e} off, in step {worst[1]}"
            + (f"; {unseen} never seen" if unseen else "")
        )


def main() -> None:
    """Print what was asked for."""
    parts = {"alarms": alarms, "limits": limits, "decay": decay}
    parser = argparse.ArgumentParser(description="Measures the constants and the limits of the verdicts.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(parts))
    parser.add_argument("--quick", action="store_true", help="few cases, to see that it runs")
    options = parser.parse_args()
    for name in options.names or parts:
        began = time.perf_counter()
        parts[name](options.quick)
        print(f"  ({time.perf_counter() - began:.0f} s)\n", flush=True)


if __name__ == "__main__":
    main()

"""Runs the benchmarks: the real program beside its baselines, in turns, with one summary at the end.

python tests/benchmarks/run.py              all of them, some ten minutes
python tests/benchmarks/run.py key ready    some of them
python tests/benchmarks/run.py --quick      a few rounds of each, to see that they start; the figures mean nothing
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

import keys
import start
from table import Row, lines


def benchmarks(quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    """Return every benchmark by its name."""
    epochs = 200 if quick else 250_000
    rows, size = (20_000, 2_000) if quick else (10_000_000, 1_000_000)
    return {
        "key": lambda: keys.key(1 if quick else 60),
        "instruments": lambda: keys.instruments(1 if quick else 40),
        "first-frame": lambda: start.first_frame(0 if quick else 15),
        "ready": lambda: start.ready(0 if quick else 7),
        "loading": lambda: keys.loading(1 if quick else 5),
        "training": lambda: _engine().training(1 if quick else 9, 10 if quick else 300),
        "cuda": lambda: _engine().cuda(1 if quick else 9),
        "seek": lambda: _engine().seek(20 if quick else 2000, epochs),
        "big-data": lambda: keys.big_data(1 if quick else 30, rows, size),
        "big-history": lambda: keys.big_history(1 if quick else 40, epochs),
        "long-work": lambda: keys.long_work(1 if quick else 50),
        "idle": lambda: keys.idle(0.5 if quick else 10.0),
    }


def _engine() -> ModuleType:
    """Return the module whose rows need torch in this process."""
    import engine

    return engine


def main() -> int:
    """Run what was asked for; the exit status says whether every row is within its reach."""
    parser = argparse.ArgumentParser(description="Benchmarks beside their baselines, in turns.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks(quick=True)))
    parser.add_argument("--quick", action="store_true", help="only see that they start; the figures mean nothing")
    asked = parser.parse_args()
    known = benchmarks(asked.quick)
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"{unknown[0]}: choose from {', '.join(known)}")
    keys.SHARED = {} if asked.quick else None
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode at hand
    rows: list[Row] = []
    for name in asked.names or known:
        print(f"{name} …", flush=True)
        for row in known[name]():
            rows.append(row)
            print("  " + lines([row])[1], flush=True)
    print()
    print("\n".join(lines(rows)))
    return 0 if asked.quick or all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

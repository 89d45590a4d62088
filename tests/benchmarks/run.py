"""Runs the benchmarks: the real program beside its baselines, in turns, with one summary at the end.

python tests/benchmarks/run.py              all of them, some minutes
python tests/benchmarks/run.py key start    some of them
python tests/benchmarks/run.py --quick      a round of each, to see that they start; the figures mean nothing
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

import engine
import keys
import walks
from start import start
from table import Row, lines


def benchmarks(quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    """Return every benchmark by its name."""
    rows, size = (20_000, 2_000) if quick else (10_000_000, 1_000_000)
    return {
        "key": lambda: keys.key(1 if quick else 60),
        "start": lambda: start(1 if quick else 10),
        "training": lambda: engine.training(1 if quick else 9, 10 if quick else 300),
        "seek": lambda: engine.seek(20 if quick else 2000, 200 if quick else 250_000),
        "big-data": lambda: keys.big_data(1 if quick else 30, rows, size),
        "walk": lambda: walks.walks(1 if quick else 5, 10 if quick else 2000),
        "judging": lambda: walks.judging(1 if quick else 30, size),
        "long-work": lambda: keys.long_work(1 if quick else 5),
    }


def main() -> int:
    """Run what was asked for; the exit status says whether every row is within its reach."""
    parser = argparse.ArgumentParser(description="Benchmarks beside their baselines, in turns.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks(quick=True)))
    parser.add_argument("--quick", action="store_true", help="only see that they start; the figures mean nothing")
    options = parser.parse_args()
    by_name = benchmarks(options.quick)
    if unknown := [name for name in options.names if name not in by_name]:
        parser.error(f"{unknown[0]}: choose from {', '.join(by_name)}")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode at hand
    rows: list[Row] = []
    for name in options.names or by_name:
        print(f"{name} …", flush=True)
        for row in by_name[name]():
            rows.append(row)
            print("  " + lines([row])[1], flush=True)
    print()
    print("\n".join(lines(rows)))
    return 0 if options.quick or all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

"""`trace`: writes every step of a run to a file. Importable without torch."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tui_linreg.cli.launch import progress_bar, trained_session
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.trace_file import ALLOWED, check_trace_path, write_trace


def trace(config: RunConfig, out: str | None, *, verdicts: bool, student: str | None = None) -> None:
    """Train a whole run and write its trace to `out`.

    Args:
        config: the run.
        out: the file's name, which ends in .csv or .jsonl; None: it was not given.
        verdicts: whether to add a verdict on each compared quantity.
        student: a file whose `update` replaces that of the from-scratch model.

    Raises:
        InputError: when the run is impossible, the file is missing or cannot be written, or the student's fails.
    """
    if out is None:
        raise InputError(f"--out: is missing; trace needs {ALLOWED}")
    check_trace_path(out)
    if config.data is not None and _same_file(out, config.data):
        raise InputError("--out: is the file that --data reads; the trace needs one of its own")
    with trained_session(config, student) as session, progress_bar("writing", session.trained) as progress:
        write_trace(session, out, verdicts=verdicts, progress=progress)


def _same_file(one: str, other: str) -> bool:
    with suppress(OSError, ValueError):
        return Path(one).samefile(other)
    return False

"""The command line that makes a run, as a shell reads it. Importable without torch and click."""

from __future__ import annotations

import shlex

from tui_linreg.engine.config import RunConfig
from tui_linreg.explain import PROGRAM


def command_line(config: RunConfig, student: str | None = None) -> str:
    """Return what starts the app with this run, quoted for a POSIX shell; options that are as usual are left out.

    Args:
        config: the run.
        student: the file whose `update` takes the place of the hand-written model's.
    """
    options = config.as_arguments() + ([] if student is None else ["--student", student])
    return shlex.join([PROGRAM, *options])

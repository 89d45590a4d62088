"""The command line that makes a run, as a shell reads it. Importable without torch and click."""

from __future__ import annotations

import shlex
from dataclasses import replace

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import told
from tui_linreg.explain import PROGRAM


def command_line(config: RunConfig, student: str | None = None) -> str:
    """Return what starts the app with this run, quoted for a POSIX shell; options that are as usual are left out.

    Files are named as `told` says.

    Args:
        config: the run.
        student: the file whose `update` takes the place of the hand-written model's.
    """
    if config.data is not None:
        config = replace(config, data=told(config.data))
    options = config.as_arguments() + ([] if student is None else ["--student", told(student)])
    return shlex.join([PROGRAM, *options])

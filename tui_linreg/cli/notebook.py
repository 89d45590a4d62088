"""`notebook`: writes a run as plain PyTorch. Importable without torch and nbformat."""

from __future__ import annotations

from tui_linreg.cli.launch import opened_session, progress_bar
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.study.notebook import NOTEBOOK, SCRIPT
from tui_linreg.study.notebook.file import check_path, write_run


def write(config: RunConfig, *, out: str | None, script: str | None, force: bool) -> None:
    """Train a whole run, write it to the files asked for, and print their names.

    Args:
        config: the run.
        out: the notebook's file name, if one is to be written.
        script: the script's.
        force: whether files that are there may be replaced.

    Raises:
        InputError: when no file is named, one cannot be written, or the run is impossible.
    """
    wanted = [(option, path, ending)
              for option, path, ending in (("--out", out, NOTEBOOK), ("--script", script, SCRIPT))
              if path is not None]  # fmt: skip
    if not wanted:
        raise InputError("--out: is missing; notebook needs --out FILE.ipynb, --script FILE.py, or both")
    for option, path, ending in wanted:
        check_path(option, path, ending, force=force)
    with opened_session(config, None) as session:
        steps = session.schedule.steps
        with progress_bar("training", steps) as progress:
            session.train_to(steps, progress=progress)
        for _, path, ending in wanted:
            count = write_run(session, path)
            print(f"written: {quoted(path)}, " + (f"{count} cells" if ending == NOTEBOOK else "a script"))

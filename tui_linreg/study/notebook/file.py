"""Writes a run's notebook or script. Importable without torch, so that a path can be checked before anything is loaded.

nbformat is loaded where a notebook is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.files import check_writable, write_atomically
from tui_linreg.study.notebook import SCRIPT

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.notebook.cells import Cell


def check_path(option: str, path: str, ending: str, *, force: bool) -> None:
    """Say before anything is loaded whether a file can be written; leaves nothing behind.

    Args:
        option: which option named it.
        path: where to.
        ending: what the name must end in.
        force: whether a file that is there may be replaced.

    Raises:
        InputError: when the name's ending is not allowed, or the file is there or cannot be written.
    """
    if Path(path).suffix.lower() != ending:
        raise InputError(f"{option} {quoted(path)}: must be a file name that ends in {ending}")
    if not force and os.path.lexists(path):
        raise InputError(f"{option} {quoted(path)}: is there already; --force replaces it")
    check_writable(path)


def write_run(
    session: Session, path: str, opened: Callable[[str], AbstractContextManager[TextIO]] = write_atomically
) -> int:
    """Write a session's run to a file, whole or not at all; an older one is replaced. Return how many cells it has.

    Args:
        session: the run.
        path: a name that ends in .ipynb for a notebook, in .py for a script.
        opened: gives the handle to write to.

    Raises:
        InputError: when there is no notebook of that run, or the file cannot be written.
    """
    from tui_linreg.study.notebook.cells import cells

    made = cells(session, path)
    text = script_text(made) if Path(path).suffix.lower() == SCRIPT else notebook_text(made)
    with opened(path) as file:
        file.write(text)
    return len(made)


def notebook_text(made: Sequence[Cell]) -> str:
    """Return the JSON of a valid notebook, the same for the same cells."""
    import nbformat
    from nbformat import v4

    book = v4.new_notebook(
        cells=[
            v4.new_code_cell(cell.source, id=f"cell-{number}")
            if cell.code
            else v4.new_markdown_cell(cell.source, id=f"cell-{number}")
            for number, cell in enumerate(made, start=1)
        ],
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
    )
    nbformat.validate(book)
    return f"{nbformat.writes(book)}\n"


def script_text(made: Sequence[Cell]) -> str:
    """Return the cells as a Python script, all words as comments; editors know the lines between cells."""
    parts = []
    for cell in made:
        words = (cell.plain or cell.source).splitlines()
        body = cell.source if cell.code else "\n".join(f"# {line}".rstrip() for line in words)
        parts.append(f"# %%{'' if cell.code else ' [markdown]'}\n{body}\n")
    return "\n".join(parts)

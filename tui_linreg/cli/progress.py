"""`progress`: prints what a learner has done, or resets it. Importable without torch and textual."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tui_linreg.engine.errors import InputError
from tui_linreg.explain import PROGRAM
from tui_linreg.files import write_atomically
from tui_linreg.plain_text import json_text, visible
from tui_linreg.study.lessons.folder import built_in_lessons
from tui_linreg.study.progress import Progress, describe_progress, progress_json
from tui_linreg.study.progress_file import Loaded, load, progress_path, update


def show(*, as_json: bool) -> None:
    """Print the progress file's content, or one line when there is none; as JSON an empty one then.

    Raises:
        InputError: when the file cannot be read, or is a newer version's.
    """
    loaded = _load()
    if as_json:
        print(json_text(progress_json(loaded.progress)))
    elif loaded.raw is None:
        print(f"no progress yet; it will be kept in {visible(progress_path())}")
    else:
        for line in describe_progress(loaded.progress, built_in_lessons().lessons):
            print(line)


def reset() -> None:
    """Begin anew, keep a copy of what was there beside the file, and say both.

    Raises:
        InputError: when the file or its copy cannot be read or written; then nothing is reset.
    """
    if _load().progress == Progress():
        print("nothing to reset: no progress yet")
        return
    copy = _free_name(progress_path())

    def begin_anew(there: Loaded) -> Progress:
        try:
            with write_atomically(copy) as file:
                json.dump(there.raw, file, ensure_ascii=True, indent=1)
                file.write("\n")
        except InputError as error:
            raise InputError(f"nothing is reset: {error}") from error  # without its field, which is of another command
        return Progress()

    written = update(begin_anew)
    if not written.writable:
        raise InputError(f"nothing is reset: {written.note}")
    print(f"progress begins anew; what was there is kept as {visible(copy)}")


def _load() -> Loaded:
    loaded = load()
    if not loaded.writable:
        raise InputError(loaded.note)
    if loaded.note:
        print(f"{PROGRAM}: {loaded.note}", file=sys.stderr)
    return loaded


def _free_name(path: Path) -> Path:
    names = (path.with_name(f"{path.name}.before-reset-{number}") for number in range(1, 10_000))
    free = next((name for name in names if not os.path.lexists(name)), None)
    if free is None:
        raise InputError(f"nothing is reset: no name is free for a copy of {visible(path)}")
    return free

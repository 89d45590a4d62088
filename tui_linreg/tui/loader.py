"""Builds a session in a thread, saying what it is at; the first frame does not wait for torch."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tui_linreg.tui import collector

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.student.student import Student
    from tui_linreg.tui.run_request import RunRequest

STAGES = ("torch", "scikit-learn", "data")
"""What `load` reports, in its order."""
_CATCH_UP_SECONDS = 2.0
"""How long a saved file may train to reach the step where the cursor stood."""
_LONGEST_NAME = 24
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Numbers of glibc's malloc.h."""
_KEPT_BYTES = 1 << 28


def load(request: RunRequest, report: Callable[[str], None]) -> Session:
    """Return a session that has trained its first step, so that the first key finds everything warm.

    With a learner's `update` also those up to the request's cursor, as far as that is soon done.

    Args:
        request: the run.
        report: called with each of `STAGES` when it begins, then with the name of the learner's file if there is one.

    Raises:
        InputError: when the data, the split or the device is impossible, or a learner's file cannot do the first step.
    """
    with collector.loading():
        report("torch")
        _keep_freed_memory()
        _load_libraries_of_torch()
        importlib.import_module("torch")
        if request.config.source != "csv":
            report("scikit-learn")
            importlib.import_module("sklearn.datasets")
        for module in ("tui_linreg.tui.charts.makers", "tui_linreg.tui.plot.plot"):
            importlib.import_module(module)
        from tui_linreg.engine.training.session import Session
    report("data")
    if request.student is not None:
        return _with_student(request, request.student, report)
    session = Session(request.config, planted=request.planted)
    session.train_to(1)
    session.step(0)
    return session


def _with_student(request: RunRequest, student: Student, report: Callable[[str], None]) -> Session:
    from tui_linreg.engine.errors import printable
    from tui_linreg.study.student.error import StudentError
    from tui_linreg.study.student.session import StudentSession
    from tui_linreg.study.student.student import refuse_options

    refuse_options(request.config)
    report(printable(student.path.name, _LONGEST_NAME))
    session = StudentSession(request.config, student, request.code or student.newest())
    session.train_to(1)
    until = time.monotonic() + _CATCH_UP_SECONDS
    with suppress(StudentError):  # the session keeps what was trained, and says why no more
        session.train_to(request.cursor.step + 1, cancelled=lambda: time.monotonic() > until)
    return session


def _keep_freed_memory() -> None:
    """Have C's allocator keep the memory of a step's vectors for those of the next.

    It gives such large pieces back to the system, and new ones cost a long batch a fifth of its time. Where the system
    has no such call, nothing changes.
    """
    import ctypes

    with suppress(OSError, AttributeError, TypeError):
        for parameter in (_M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD):
            ctypes.CDLL(None).mallopt(parameter, _KEPT_BYTES)


def _load_libraries_of_torch() -> None:
    """Have the system load torch's largest libraries while Python goes on; importing torch then finds them there.

    `import` holds Python's lock for the third of a second that takes, and the screen would stand still; a foreign call
    lets go of it. Where this does not work, importing does it as ever.
    """
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None or sys.platform == "win32":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        load = ctypes.CDLL(None).dlopen
        load.argtypes, load.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
        ending = ".dylib" if sys.platform == "darwin" else ".so"
        for name in ("libc10", "libtorch_cpu", "libtorch", "libtorch_python"):
            path = Path(found.origin).parent / "lib" / (name + ending)
            if path.exists():
                load(bytes(path), os.RTLD_NOW)

"""Whatever goes wrong, in one line: what, which value, what is allowed."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress

from tui_linreg.engine.errors import InputError, quoted

PROGRAM = "tui-linreg"
BAD_INPUT, INTERNAL, INTERRUPTED, BROKEN_PIPE = 2, 1, 130, 141
"""Exit codes; the last two are those of a program that the signal ended."""

# torch has no MemoryError of its own on the CPU.
_TORCH_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)


def tell(error: BaseException) -> int:
    """Print an error's one line on stderr and return the exit code; with TUI_LINREG_DEBUG set, its traceback too."""
    code, line = explain(error)
    with suppress(OSError):
        if os.environ.get("TUI_LINREG_DEBUG"):
            traceback.print_exception(error)
        print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)
    return code


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the line (without the program's name) for an error that ends the program."""
    if any(each.__module__.partition(".")[0] == "click" for each in type(error).__mro__):
        from tui_linreg.cli.usage import usage_line  # only where click is there already

        line = usage_line(error)
        return (BAD_INPUT, line) if line else (INTERRUPTED, "interrupted")
    match error:
        case KeyboardInterrupt():
            return INTERRUPTED, "interrupted"
        case InputError():
            return BAD_INPUT, _input_error(error)
        case OSError():
            return BAD_INPUT, _os_error(error)
        case MemoryError():
            return BAD_INPUT, _NO_MEMORY
        case RuntimeError() if _TORCH_MEMORY.search(str(error)):
            return BAD_INPUT, _NO_MEMORY
    what = f"{type(error).__name__}: {quoted(error)}"
    return INTERNAL, f"internal error: {what}; please report it (TUI_LINREG_DEBUG=1 shows where)"


_NO_MEMORY = "this machine has not enough memory for this run; fewer --samples or --epochs need less"


def _input_error(error: InputError) -> str:
    """Return the error's line, with the option in front where it names none."""
    text = str(error)
    if error.field is None or text.startswith("--"):
        return text
    return f"--{error.field.replace('_', '-')}: {text}"


def _os_error(error: OSError) -> str:
    words = (error.strerror or type(error).__name__).lower()
    return f"input or output failed: {words}" if error.filename is None else f"{quoted(error.filename)}: {words}"

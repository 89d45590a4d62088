"""Any error in one line: what is wrong, which value, what is allowed; and the exit code that goes with it."""

from __future__ import annotations

import re

from tui_linreg.engine.errors import InputError, quoted

PROGRAM = "tui-linreg"
BAD_INPUT, INTERNAL, INTERRUPTED, BROKEN_PIPE = 2, 1, 130, 141
"""Exit codes; the last two are those of a program that the signal ended."""

# torch has no MemoryError of its own on the CPU.
_TORCH_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)
_NO_MEMORY = "this machine has not enough memory for this run; fewer --samples or --epochs need less"


def explain(error: BaseException) -> tuple[int, str]:
    """Return the exit code and the line (without the program's name) for an error that ends the program."""
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


def _input_error(error: InputError) -> str:
    """Return the error's line, with the option in front where it names none."""
    text = str(error)
    if error.field is None or text.startswith("--"):
        return text
    return f"--{error.field.replace('_', '-')}: {text}"


def _os_error(error: OSError) -> str:
    words = (error.strerror or type(error).__name__).lower()
    return f"input or output failed: {words}" if error.filename is None else f"{quoted(error.filename)}: {words}"

"""Text that is safe to print or to store wherever it goes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path

_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def json_text(value: object) -> str:
    """Return `value` as one line of JSON, numbers unrounded; nan and ±inf become "NaN", "Infinity", "-Infinity".

    Raises:
        TypeError: when it holds something other than mappings, lists, tuples, texts, numbers, booleans and None.
    """
    # Escaped to ASCII, so that it can be written whatever encoding a terminal or pipe has.
    return json.dumps(_finite(value), allow_nan=False)


def visible(text: object) -> str:
    """Return `text` whole and in one line, with a � for each character that a terminal might act on.

    For what must not be cut; `engine.errors.quoted` is for values in messages.
    """
    return "".join(c if c.isprintable() else "�" for c in str(text))


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        # JSON has no such numbers; float() of these three texts gives them back.
        return _NAMES.get(value, "NaN")
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def unquoted(path: str) -> str:
    """Return a path as typed or pasted, without the quotes that a file manager or a shell puts around it."""
    text = path.strip()
    quoted = len(text) > 2 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if quoted else text


def typed_path(text: str) -> str:
    """Return a path as typed or pasted, without quotes around it, and with the home folder in the place of ~."""
    path = unquoted(text)
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:  # there is no such user, or no home
        return path

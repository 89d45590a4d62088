"""The names that textual gives to keys, checked without importing it.

They follow textual 8's `textual/keys.py`; a test compares the two.
"""

from __future__ import annotations

import string
import unicodedata
from difflib import get_close_matches

from tui_linreg.engine.errors import quoted

_MOVING = ("left", "right", "up", "down", "home", "end", "pageup", "pagedown", "insert", "delete")
_FUNCTION = tuple(f"f{number}" for number in range(1, 13))
_PLAIN = ("space", "enter", "tab", "escape", "backspace")
# Textual's names for characters that Unicode names differently.
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_UNICODE = {new: old for old, new in _RENAMED.items()}
# A terminal sends the same code for both, so two bindings on them would be one key.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter"}


def character_name(character: str) -> str:
    """Return the name that textual gives to the key of one printable character."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name)


_PUNCTUATION = tuple(character_name(character) for character in string.punctuation)
_NAMES = frozenset(
    (
        *_MOVING, *_FUNCTION, *_PLAIN, *_PUNCTUATION, *_SAME,
        *(f"ctrl+{key}" for key in (*string.ascii_lowercase, *string.digits, *_MOVING, *_FUNCTION)),
        *(f"ctrl+{key}" for key in ("backslash", "right_square_bracket", "circumflex_accent", "underscore")),
        *(f"shift+{key}" for key in (*_MOVING, "tab", "escape")),
        *(f"ctrl+shift+{key}" for key in _MOVING),
    )
)  # fmt: skip


def key_name(text: str) -> str:
    """Return the textual name of a key as a person writes it: `]`, `right_square_bracket`, `ctrl+x`, `f1`, `é`.

    Raises:
        ValueError: when no key is called so; its text says what is allowed.
    """
    if len(text) == 1 and text.isprintable() and text != " ":
        name = character_name(text)
        # A name that cannot be read back could not be written into a settings file either.
        if name == text or _character(name) == text:
            return name
    if text in _NAMES or _character(text) is not None:
        return _SAME.get(text, text)
    near = get_close_matches(text.lower(), sorted(_NAMES), n=1)
    hint = f"did you mean {near[0]}?" if near else "a key is one character, or a name such as left, f1 or ctrl+x"
    raise ValueError(f"no key is called {quoted(text)}; {hint}")


def _character(name: str) -> str | None:
    """Return the character whose key has this name, or None."""
    words = _UNICODE.get(name, name).upper().split("_")
    # textual writes a hyphen of Unicode's name as it writes a space; no more than one is looked for.
    spellings = [" ".join(words), *(" ".join(words[:i]) + "-" + " ".join(words[i:]) for i in range(1, len(words)))]
    for spelling in spellings if len(name) > 1 else ():
        try:
            character = unicodedata.lookup(spelling)
        except KeyError:
            continue
        if len(character) == 1 and character.isprintable() and character_name(character) == name:
            return character
    return None

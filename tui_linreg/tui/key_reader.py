"""Keys from a terminal's characters: Textual's parser, made to survive sequences that are no keys, and a quick Esc."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

_ESCAPE = "\x1b"
_INTRODUCERS = _ESCAPE + "[O]P_^X"
"""What may follow the escape character within a sequence."""
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"


class KeyReader:
    """Turns characters into messages.

    A sequence that Textual's parser cannot read (a release such as `ESC [ 106 ; 1 : 3 u`, a number beyond Unicode) is
    left out. Esc and a key right after it, which a terminal sends as it sends alt with that key, are two keys.

    Args:
        debug: what Textual's parser is told.
        takes_alt: whether some key of the app is pressed with alt: then both at once stay that key.
    """

    def __init__(self, debug: bool, *, takes_alt: bool) -> None:
        self._debug = debug
        self._takes_alt = takes_alt
        self._parser = XTermParser(debug)
        self._after_escape = False
        self._pasting = False
        self._recent = ""

    def feed(self, text: str) -> Iterator[Message]:
        """Yield what these characters complete."""
        for character in text:
            if self._after_escape and not (self._pasting or self._takes_alt) and character not in _INTRODUCERS:
                yield from self._after_a_lone_escape()
            self._after_escape = character == _ESCAPE
            self._recent = (self._recent + character)[-len(_PASTE_BEGINS) :]
            if self._recent in (_PASTE_BEGINS, _PASTE_ENDS):
                self._pasting = self._recent == _PASTE_BEGINS
            yield from self._survived(self._parser.feed(character))

    def tick(self) -> Iterator[Message]:
        """Yield what is complete because nothing follows."""
        found = self._survived(self._parser.tick())
        if not found:
            return
        self._after_escape = False
        first = found[0]
        if isinstance(first, events.Key) and first.key != "escape" and not self._takes_alt:
            # A sequence that was begun and never ended: Esc, and the keys that look like its beginning.
            yield events.Key("escape", _ESCAPE)
            if first.key.startswith("alt+") and first.character:
                found[0] = events.Key(first.character, first.character)
        yield from found

    def _after_a_lone_escape(self) -> Iterator[Message]:
        """Yield the escape key: at the end of its input the parser waits for nothing to follow it."""
        yield from self._survived(self._parser.feed(""))
        self._renew()

    def _survived(self, messages: Iterable[Message]) -> list[Message]:
        try:
            return list(messages)
        except Exception:  # whatever the parser stumbles over, its generator has ended
            self._renew()
            return []

    def _renew(self) -> None:
        old, self._parser = self._parser, XTermParser(self._debug)
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            setattr(self._parser, name, getattr(old, name))

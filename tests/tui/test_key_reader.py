"""Characters of a terminal as keys: what a keyboard can send, in pieces as a terminal may send it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual import events

from tui_linreg.tui.key_reader import KeyReader

LONGER_THAN_A_SEQUENCE_TAKES = 0.12


def keys(*parts: str, takes_alt: bool = False, wait: bool = False) -> list[str]:
    """The keys that these parts are, the last one completed by time where `wait` says so."""
    reader = KeyReader(False, takes_alt=takes_alt)
    found = [message for part in parts for message in reader.feed(part)]
    if wait:
        time.sleep(LONGER_THAN_A_SEQUENCE_TAKES)
        found += reader.tick()
    return [message.key for message in found if isinstance(message, events.Key)]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[:u",
        "\x1b[106;1:3u",
        "\x1b[1;1:3B",
        "\x1b[106:74;1:3u",
        "\x1b[99999999999u",
        "\x1b[1;::~",
        "\x1b[57344:1;2:2u",
    ],
)
def test_a_sequence_that_is_no_key_is_left_out(sequence: str) -> None:
    for at in range(len(sequence)):
        assert keys("j" + sequence[:at], sequence[at:] + "k") == ["j", "k"]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [("\x1b[B", "down"), ("\x1bOB", "down"), ("\x1b[106;;106u", "j"), ("\x1b[106;5u", "ctrl+j"), ("\x1b[13u", "enter")],
)
def test_keys_are_keys_in_however_many_parts(sequence: str, key: str) -> None:
    for at in range(len(sequence)):
        assert keys(sequence[:at], sequence[at:]) == [key]


@pytest.mark.parametrize(
    ("sent", "found"),
    [("\x1bj", ["escape", "j"]), ("\x1bJ", ["escape", "J"]), ("\x1b\r", ["escape", "enter"]),
     ("\x1b\x1b\r", ["escape", "escape", "enter"]), ("\x1b ", ["escape", "space"]), ("\x1b\x1b[B", ["escape", "down"])],
)  # fmt: skip
def test_escape_and_a_quick_key_are_two_keys(sent: str, found: list[str]) -> None:
    for at in range(len(sent)):
        assert keys(sent[:at], sent[at:]) == found


@pytest.mark.parametrize(
    ("sent", "found"), [("\x1b", ["escape"]), ("\x1b[", ["escape", "left_square_bracket"]), ("\x1bO", ["escape", "O"])]
)
def test_escape_and_what_may_begin_a_sequence(sent: str, found: list[str]) -> None:
    assert keys(sent, wait=True) == found


def test_alt_stays_alt_for_who_uses_it() -> None:
    assert keys("\x1bj", takes_alt=True, wait=True) == ["alt+j"]


def test_a_paste_is_one_text_and_no_keys() -> None:
    reader = KeyReader(False, takes_alt=False)
    messages = list(reader.feed("\x1b[200~a\r1:3u\x1b[201~k"))
    (paste,) = [message for message in messages if isinstance(message, events.Paste)]
    assert paste.text == "a\r1:3u"
    assert [message.key for message in messages if isinstance(message, events.Key)] == ["k"]


@given(st.lists(st.text("\x1b[O0123456789:;<?u~ABMmj$y\r ", max_size=12), max_size=6))
@settings(deadline=None)
def test_nothing_ends_the_reader(parts: list[str]) -> None:
    reader = KeyReader(False, takes_alt=False)
    for part in parts:
        list(reader.feed(part))
    list(reader.feed("\x1b[201~\x1b[B"))
    found = [message.key for message in reader.feed("\x1b[B") if isinstance(message, events.Key)]
    assert found == ["down"]

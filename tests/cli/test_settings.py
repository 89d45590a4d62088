"""The settings file: what it settles, and that every mistake in it is one line that says what is allowed."""

from __future__ import annotations

import os
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tui_linreg import key_names
from tui_linreg.engine.errors import InputError
from tui_linreg.settings import Settings, describe, load_settings, settings_path
from tui_linreg.tui.commands import COMMANDS

BINDINGS = {"batch.next": "down,j", "batch.previous": "up,k", "play": "space", "tabs": "tab", "two": "x", "twin": "x"}


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def load(folder: Path, content: str | bytes) -> Settings:
    return load_settings(written(folder, content), BINDINGS)


def test_a_missing_file_or_an_empty_one_gives_the_defaults(tmp_path: Path) -> None:
    defaults = Settings(theme=None, marker="braille", speed=2.0, keys={})
    assert load_settings(tmp_path / "none.toml") == defaults == Settings()
    assert load_settings(tmp_path / "no folder" / "none.toml") == defaults
    for content in ("", "# nothing\n", b"\xef\xbb\xbf", "[keys]\n"):
        assert load(tmp_path, content) == defaults


def test_what_it_settles(tmp_path: Path) -> None:
    values = 'theme = "nord"\nmarker = "ascii"\nspeed = 8\nstart = "last phase"\n'
    values += 'cursor = "visible"\ndim = false\n'
    text = f'{values}[keys]\n"batch.next" = "n, ]"\nplay = "ctrl+x"\n'
    found = load(tmp_path, text)
    assert (found.theme, found.marker, found.speed, found.start) == ("nord", "ascii", 8.0, "last phase")
    assert (found.cursor, found.dim) == ("visible", False)
    assert isinstance(found.speed, float)
    assert dict(found.keys) == {"batch.next": "n,right_square_bracket", "play": "ctrl+x"}
    with pytest.raises(AttributeError):
        found.speed = 1.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        found.keys["play"] = "p"  # type: ignore[index]


def test_an_id_may_stand_without_quotes(tmp_path: Path) -> None:
    for text in ('[keys]\nbatch.next = "n"\n', '[keys.batch]\nnext = "n"\n', 'keys.batch.next = "n"\n'):
        assert dict(load(tmp_path, text).keys) == {"batch.next": "n"}


def test_two_ids_may_exchange_their_keys(tmp_path: Path) -> None:
    text = '[keys]\nbatch.next = "up,k"\nbatch.previous = "down,j"\n'
    assert dict(load(tmp_path, text).keys) == {"batch.next": "up,k", "batch.previous": "down,j"}


def test_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUI_LINREG_CONFIG", str(tmp_path / "x.toml"))
    assert settings_path() == tmp_path / "x.toml"
    monkeypatch.setenv("TUI_LINREG_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = settings_path()
    assert path is not None
    assert path.parts[-2:] == ("tui-linreg", "config.toml")
    (tmp_path / "tui-linreg").mkdir()
    (tmp_path / "tui-linreg" / "config.toml").write_text("speed = 3\n")
    if path.parent.parent == tmp_path:  # where the system has XDG folders
        assert load_settings().speed == 3


MISTAKES: dict[str, tuple[str | bytes, str]] = {
    "no TOML": ("theme = \n", "is not TOML: Invalid value (at line 1"),
    "given twice": ("speed = 1\nspeed = 2\n", "is not TOML: Cannot overwrite a value"),
    "nested": ("a = " + "[\n" * 20_000, "is not TOML: nested too deeply"),
    "nested keys": ("[keys." + "a." * 400 + "a]\n" + "a." * 400 + "a = 1", "is not TOML: nested too deeply"),
    "nested value": ("speed = " + "[\n" * 200 + "]" * 200, "is not TOML: nested too deeply"),
    "a long line": ("marker = 'ascii'\n" + "a." * 50_000 + "a = 1", ", line 2: is longer than 1000 bytes, the most"),
    "hexadecimal": ("speed = 0x" + "F" * 5_000, ", line 1: is longer than 1000 bytes, the most allowed"),
    "escape": ("\x1b = 1", "is not TOML: "),
    "digits": ("speed = " + "9" * 900, "must be a number from 0.1 to 1000"),
    "not UTF-8": (b"theme = '\xff'", "is not UTF-8"),
    "unknown key": (
        "sped = 1",
        "unknown key 'sped'; allowed are theme, marker, speed, start, cursor, dim and the table [keys]",
    ),
    "unknown table": ("[kyes]\na = 'b'", "unknown table 'kyes'; allowed are"),
    "unknown key's escape": ('"\\u001b[1m" = 1', r"unknown key '\x1b[1m'"),
    "theme no text": ("theme = 3", "theme = 3: must be the name of a theme"),
    "theme empty": ("theme = ' '", "theme = ' ': must be the name of a theme"),
    "theme's escape": ('theme = "\\u001b"', r"theme = '\x1b': must be the name of a theme"),
    "marker": ("marker = 'dots'", """marker = 'dots': must be one of "braille", "blocks", "ascii\""""),
    "cursor": ("cursor = 'on'", """cursor = 'on': must be one of "hidden", "visible"; it stands on what changed"""),
    "dim": ("dim = 'no'", "dim = 'no': must be true, or false: what lies behind a dialog stays as it is"),
    "marker list": ("marker = ['ascii']", "must be one of"),
    "start": ("start = 'phase 1'", 'start = \'phase 1\': must be one of "auto", "first phase", "last phase"'),
    "speed text": ("speed = '3'", "speed = '3': must be a number from 0.1 to 1000"),
    "speed true": ("speed = true", "speed = true: must be a number from 0.1 to 1000"),
    "speed 0": ("speed = 0", "speed = 0: must be a number"),
    "speed nan": ("speed = nan", "speed = nan: must be a number"),
    "speed inf": ("speed = inf", "speed = inf: must be a number"),
    "speed huge": ("speed = " + "9" * 400, "must be a number from 0.1 to 1000"),
    "keys no table": ("keys = 'j'", "keys = 'j': must be a table of binding ids"),
    "keys a list": ("[[keys]]\nplay = 'p'", "must be a table of binding ids"),
    "unknown id": ("[keys]\nbatch.nxt = 'n'", "[keys] 'batch.nxt': no binding has this id; did you mean batch.next?"),
    "nothing near": ("[keys]\nqqqqqq = 'n'", "[keys] 'qqqqqq': no binding has this id; tui-linreg config lists them"),
    "group as id": ("[keys]\nbatch = 'n'", "[keys] 'batch': no binding has this id"),
    "empty table as id": ("[keys.batch.next]", "[keys] 'batch.next' = {}: must be its keys in quotes"),
    "id twice": ("[keys]\nbatch.next = 'a'\n'batch.next' = 'b'", "[keys] 'batch.next': is given twice"),
    "list of keys": ("[keys]\nplay = ['p']", "must be its keys in quotes, such as"),
    "number": ("[keys]\nplay = 3", "[keys] 'play' = 3: must be its keys in quotes"),
    "no key": ("[keys]\nplay = ''", "[keys] 'play': has no key; at least one is needed"),
    "key missing": ("[keys]\nplay = 'p,'", "a key is missing between commas; the comma itself is written"),
    "unknown key name": ("[keys]\nplay = 'Left'", "[keys] 'play': no key is called 'Left'; did you mean left?"),
    "nonsense": ("[keys]\nplay = 'qqqqqqqq'", "no key is called 'qqqqqqqq'; a key is one character, or a name such as"),
    "control character": ('[keys]\nplay = "\\u001b"', r"no key is called '\x1b'"),
    "alt": ("[keys]\nplay = 'alt+hyper+x'", "no key is called 'alt+hyper+x'"),
    "shared": ("[keys]\nplay = 'n'\ntabs = 'n'", "[keys] 'play': the key n is also that of tabs; give one of them"),
    "taken from a default": ("[keys]\nplay = 'j'", "[keys] 'play': the key j is also that of batch.next"),
    "the same key": ("[keys]\nplay = 'ctrl+i'", "[keys] 'play': the key tab is also that of tabs"),
}


@pytest.mark.parametrize(("content", "words"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_that_names_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | bytes, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        load_settings(Path("config.toml"), BINDINGS)
    text = str(caught.value)
    assert "'config.toml'" in text
    assert words in text
    assert text.isprintable()
    assert len(text) < 300


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is no regular file"):
        load_settings(tmp_path)
    with pytest.raises(InputError, match="is larger than 128 KiB"):
        load(tmp_path, b"#" * (1 << 21))
    with pytest.raises(InputError, match=r"cannot read '.*': file name too long"):
        load_settings(tmp_path / ("n" * 300))
    with pytest.raises(InputError, match="cannot be read"):
        load_settings(Path("a\0b"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "fifo")
        with pytest.raises(InputError, match="is no regular file"):
            load_settings(tmp_path / "fifo")


def refusal(text: str) -> str | None:
    try:
        key_names.key_name(text)
    except ValueError as error:
        return str(error)
    return None


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=30) | st.characters())
@example("«")
@example("»")
@example("ctrl+i")
def test_any_text_as_a_key_is_a_name_or_refused(text: str) -> None:
    if (refused := refusal(text)) is None:
        name = key_names.key_name(text)
        assert name
        assert key_names.key_name(name) == name
    else:
        assert refused.isprintable()


def test_key_names_are_those_of_textual() -> None:
    from textual.keys import Keys, _character_to_key

    characters = string.punctuation + string.ascii_letters + string.digits + "éß€→"
    for character in characters:
        assert key_names.character_name(character) == _character_to_key(character)
        assert key_names.key_name(character) == _character_to_key(character)
    known = {key.value for key in Keys} | {_character_to_key(c) for c in string.punctuation}
    assert known >= key_names._NAMES


def test_every_key_of_the_main_screen_has_a_known_name_of_its_own() -> None:
    keys = [name for key in COMMANDS for name in key.keys.split(",")]
    assert [key_names.key_name(name) for name in keys] == keys
    assert len(set(keys)) == len(keys)


def test_the_description_is_a_settings_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("TUI_LINREG_CONFIG", str(path))
    lines = list(describe())
    assert lines[0] == f"# settings file: {path} (does not exist)"
    content = tomllib.loads("\n".join(lines))
    assert content == {
        "marker": "braille",
        "speed": 2.0,
        "start": "auto",
        "cursor": "hidden",
        "dim": True,
        "keys": {key.id: key.keys for key in COMMANDS},
    }
    for key in COMMANDS:
        assert any(line.startswith(f'"{key.id}" = "{key.keys}"') and line.endswith(key.tooltip) for line in lines)
    path.write_text("\n".join(lines))
    assert dict(load_settings().keys) == {key.id: key.keys for key in COMMANDS}

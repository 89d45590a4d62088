"""The settings file: how the app looks, where it starts, its keys. Importable without textual."""

from __future__ import annotations

import json
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Literal, NamedTuple, get_args

import platformdirs

from tui_linreg.engine.errors import InputError, printable, quoted, quoted_path
from tui_linreg.files import path_named_by
from tui_linreg.key_names import key_name
from tui_linreg.plain_text import visible
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.plot import MARKERS, MarkerSet

SLOWEST, FASTEST = 0.1, 1000.0
VARIABLE = "TUI_LINREG_CONFIG"
"""The environment variable that names another settings file."""

# These limits bound the time of reading a file: that of a dotted key grows with the square of its length.
_MOST_BYTES = 1 << 17
_LONGEST_LINE = 1000
_DEEPEST = 20
_LONGEST_REASON = 200
_NO_KEYS: Mapping[str, str] = MappingProxyType({})
_TABLE = "keys"
Start = Literal["auto", "first phase", "last phase"]
Cursor = Literal["hidden", "visible"]


class Settings(NamedTuple):
    """The values of the settings file, checked but for the theme's name: only the app has the list of themes."""

    theme: str | None = None
    """Name of a theme; None: the app's own."""
    marker: MarkerSet = "braille"
    """What charts are drawn with: "braille", "blocks" or "ascii"."""
    speed: float = 2.0
    """Steps a second when playing."""
    start: Start = "auto"
    """Which phase of the first step the app starts at: "first phase", with a line on what to press; "last phase", which
    has all computed; "auto": the first phase at the very first start, the last one later."""
    cursor: Cursor = "hidden"
    """Whether the terminal's cursor is seen, which stands on what a key changed either way."""
    dim: bool = True
    """Whether what lies behind a dialog is dimmed."""
    keys: Mapping[str, str] = _NO_KEYS
    """Remapped bindings: id → keys in textual's names, separated by commas."""


class _Value(NamedTuple):
    """How one value of the file is checked."""

    check: Callable[[object], bool]
    allowed: str


def _one_of(texts: Sequence[str], more: str = "") -> _Value:
    return _Value(lambda v: v in texts, "one of " + ", ".join(f'"{text}"' for text in texts) + more)


_VALUES = {
    "theme": _Value(lambda v: isinstance(v, str) and v.strip() != "" and v.isprintable(), "the name of a theme"),
    "marker": _one_of(MARKERS),
    "speed": _Value(
        lambda v: isinstance(v, int | float) and not isinstance(v, bool) and SLOWEST <= v <= FASTEST,
        f"a number from {SLOWEST:g} to {FASTEST:g}, in steps a second",
    ),
    "start": _one_of(get_args(Start)),
    "cursor": _one_of(get_args(Cursor), "; it stands on what changed, seen or not"),
    "dim": _Value(lambda v: isinstance(v, bool), "true, or false: what lies behind a dialog stays as it is"),
}


def settings_path() -> Path | None:
    """Return where the settings file is, whether or not it exists; None where there is no home folder for one.

    Raises:
        InputError: when the variable names a home folder that is not there.
    """
    if (named := path_named_by(VARIABLE)) is not None:
        return named
    try:
        # Without an author's name, which only Windows would put into the path, a second time this program's.
        return Path(platformdirs.user_config_dir("tui-linreg", appauthor=False)) / "config.toml"
    except RuntimeError:
        return None


def load_settings(path: Path | None = None, bindings: Mapping[str, str] | None = None) -> Settings:
    """Read the settings file; a missing one gives the defaults.

    Args:
        path: the file; None: `settings_path()`.
        bindings: the ids that can be remapped, with their default keys; None: those of the main screen.

    Raises:
        InputError: one line that names the file, the table or key, and what is allowed.
    """
    path = settings_path() if path is None else path
    if path is None:
        return Settings()
    known = {key.id: key.keys for key in COMMANDS} if bindings is None else bindings
    source = quoted_path(path)
    content = _parse(path, source)
    keys = content.pop(_TABLE, {})
    for name, value in content.items():
        if name not in _VALUES:
            allowed = f"allowed are {', '.join(_VALUES)} and the table [{_TABLE}]"
            raise InputError(f"{source}: unknown {_kind(value)} {quoted(name)}; {allowed}")
        if not _VALUES[name].check(value):
            raise InputError(f"{source}, {name} = {_as_given(value)}: must be {_VALUES[name].allowed}")
    if not isinstance(keys, dict):
        raise InputError(f"{source}, {_TABLE} = {_as_given(keys)}: must be a table of binding ids and their keys")
    remapped = MappingProxyType(_remapped(source, keys, known))
    theme, marker = content.get("theme"), content.get("marker", "braille")
    return Settings(
        theme=None if theme is None else str(theme),
        marker=next(each for each in MARKERS if each == marker),
        speed=float(content.get("speed", 2.0)),  # type: ignore[arg-type]  # checked above
        start=next(each for each in get_args(Start) if each == content.get("start", "auto")),
        cursor=next(each for each in get_args(Cursor) if each == content.get("cursor", "hidden")),
        dim=bool(content.get("dim", True)),
        keys=remapped,
    )


def describe() -> Iterator[str]:
    """Yield the lines of `tui-linreg config`: they are a settings file with the present values.

    Raises:
        InputError: after the last line, when the file holds a mistake; the lines hold the defaults then.
    """
    path = settings_path()
    if path is None:
        raise InputError(f"there is no home folder for a settings file; {VARIABLE}=FILE names one")
    yield f"# settings file: {visible(path)} ({'exists' if _exists(path) else 'does not exist'})"
    mistake, settings = None, Settings()
    try:
        settings = load_settings(path)
    except InputError as error:
        mistake = error
    yield ""
    for name, value in _VALUES.items():
        # A text of printable characters is written alike in JSON and in TOML.
        given = json.dumps(getattr(settings, name), ensure_ascii=False)
        line = f"# {name} =" if given == "null" else f"{name} = {given}"
        yield f"{line:<22}  # {value.allowed}"
    yield ""
    yield f"[{_TABLE}]  # one or more, separated by commas: characters, or names such as left, space, f1, ctrl+x, comma"
    lines = [f'"{key.id}" = "{settings.keys.get(key.id, key.keys)}"' for key in COMMANDS]
    width = max(len(line) for line in lines)
    for key, line in zip(COMMANDS, lines, strict=True):
        yield f"{line:<{width}}  # {key.tooltip}"
    if mistake is not None:
        raise mistake


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long, a folder that may not be searched: `load_settings` says which
        return False


def _parse(path: Path, source: str) -> dict[str, object]:
    """Return the file's content as TOML gives it."""
    try:
        about = path.stat()
        # Asked before opening: to open a pipe waits for a writer.
        if not stat.S_ISREG(about.st_mode):
            raise InputError(f"{source}: is no regular file; a settings file in TOML is needed")
        if about.st_size > _MOST_BYTES:
            raise InputError(f"{source}: is larger than 128 KiB; a settings file in TOML is needed")
        content = path.read_bytes()
        for number, line in enumerate(content.splitlines(), start=1):
            if len(line) > _LONGEST_LINE:
                raise InputError(f"{source}, line {number}: is longer than {_LONGEST_LINE} bytes, the most allowed")
        return _not_deep(_toml(content.decode("utf-8-sig"), source), source)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"cannot read {source}: {(error.strerror or type(error).__name__).lower()}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source}: is not UTF-8; a settings file in TOML is needed") from error
    except RecursionError as error:
        raise InputError(f"{source}: is not TOML: nested too deeply") from error
    except InputError:
        raise
    except ValueError as error:
        # A path that holds NUL, or a number of more digits than Python reads.
        raise InputError(f"{source}: cannot be read: {printable(error, _LONGEST_REASON)}") from error


def _toml(text: str, source: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source}: is not TOML: {printable(error, _LONGEST_REASON)}") from error


def _not_deep(content: dict[str, object], source: str) -> dict[str, object]:
    """Return the content, or raise InputError where it is nested too deeply to be shown in a message."""
    level: list[object] = [content]
    for _ in range(_DEEPEST):
        inner = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list))
        level = [item for items in inner for item in items]
        if not level:
            return content
    raise InputError(f"{source}: is not TOML: nested too deeply")


def _remapped(source: str, table: Mapping[str, object], known: Mapping[str, str]) -> dict[str, str]:
    """Return id → keys in textual's names, checked against each other and the bindings that keep their defaults."""
    remapped: dict[str, str] = {}
    for name, value in _flat(table):
        where = f"{source}, [{_TABLE}] {quoted(name)}"
        if name not in known:
            raise InputError(f"{where}: no binding has this id; {_nearest(name, known)}")
        if name in remapped:
            raise InputError(f"{where}: is given twice; once is allowed")
        if not isinstance(value, str):
            raise InputError(f'{where} = {_as_given(value)}: must be its keys in quotes, such as "down,j"')
        remapped[name] = ",".join(_key_list(where, value))
    users: dict[str, str] = {}
    # The remapped ones first, so that a clash is reported at one of them.
    for name in (*remapped, *(name for name in known if name not in remapped)):
        for key in remapped.get(name, known[name]).split(","):
            other = users.setdefault(key_name(key.strip()), name)
            if other != name and other in remapped:
                where = f"{source}, [{_TABLE}] {quoted(other)}"
                raise InputError(f"{where}: the key {key.strip()} is also that of {name}; give one of them another key")
    return remapped


def _key_list(where: str, text: str) -> list[str]:
    """Return the textual names of a comma-separated list of keys, each once."""
    if not text.strip():
        raise InputError(f"{where}: has no key; at least one is needed")
    names: list[str] = []
    for part in text.split(","):
        if not part.strip():
            raise InputError(f'{where}: a key is missing between commas; the comma itself is written "comma"')
        try:
            name = key_name(part.strip())
        except ValueError as error:
            raise InputError(f"{where}: {error}") from error
        if name not in names:
            names.append(name)
    return names


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield (id, value): without quotes TOML reads `batch.next = "n"` as a table in a table."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _nearest(name: str, known: Mapping[str, str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else "tui-linreg config lists them"


def _kind(value: object) -> str:
    return "table" if isinstance(value, dict) else "key"


def _as_given(value: object) -> str:
    """Return a value of the file for a message: texts quoted, the rest cut to a length."""
    return quoted(value) if isinstance(value, str) else quoted(str(value).lower())[1:-1]

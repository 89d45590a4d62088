"""The settings file on whatever it may hold: settings that can be used, or one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tui_linreg.engine.errors import InputError
from tui_linreg.key_names import key_name
from tui_linreg.settings import FASTEST, SLOWEST, Settings, describe, load_settings
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.plot import MARKERS

# The folder of one test serves all of Hypothesis's examples: each overwrites the file.
same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

IDS = st.sampled_from([key.id for key in COMMANDS])
NAMES = st.sampled_from(["theme", "marker", "speed", "keys", "sped", "a.b", '"\\u001b[1m"', "''"]) | IDS
TEXTS = ["'nord'", '"\\u001b"', "'[red]'", "''", "'ascii'", "'n, m'", "'ctrl+x'", "'comma'", "','"]
OTHERS = ["2", "0.1", "1e400", "nan", "-inf", "0xFFFF", "1_0", "true", "1979-05-27", "07:32:00", "[]", "{}", "[[{}]]"]
VALUES = st.sampled_from([*TEXTS, *OTHERS]) | st.characters(exclude_characters="'\n").map("'{}'".format)
LINES = (
    st.builds("{} = {}".format, NAMES, VALUES)
    | st.builds('"{}" = {}'.format, IDS, VALUES)
    | st.sampled_from(
        ["[keys]", "[[keys]]", "[keys.batch]", "[speed]", "# …", "", "=", "]", '"""', "'''", "\x0c", "\x00"]
    )
)
FILES = st.lists(LINES, max_size=6).map(lambda lines: "\n".join(lines).encode("utf-8", "surrogatepass"))
PIECES = st.sampled_from([b"\xff", b"\0", b"\r", b"\n", b"[", b"{", b"'", b'"', b".", b"=", b"\xef\xbb\xbf", b"\\u"])


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A file with a few bytes put in or taken out."""
    data = draw(FILES)
    for piece in draw(st.lists(PIECES | st.binary(max_size=3), max_size=4)):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + piece + data[start + draw(st.integers(0, 5)) :]
    return data


def check(path: Path) -> Settings | None:
    """Read the file and check what came: settings whose every value is allowed, or one line (None)."""
    try:
        found = load_settings(path)
    except InputError as error:
        text = str(error)
    else:
        assert found.theme is None or found.theme.isprintable()
        assert found.marker in MARKERS
        assert SLOWEST <= found.speed <= FASTEST
        assert set(found.keys) <= {key.id for key in COMMANDS}
        keys = [name for key in COMMANDS for name in found.keys.get(key.id, key.keys).split(",")]
        assert len(set(keys)) == len(keys)
        assert [key_name(name) for name in keys] == keys
        return found
    assert text.isprintable()
    assert len(text) < 500
    return None


@given(data=st.binary(max_size=200) | FILES | broken() | FILES.map(lambda data: data.decode().encode("utf-16")))
@example(data=b"\xef\xbb\xbfspeed = 3")
@example(data=b"speed = 0x" + b"F" * 900)
@same_folder
def test_any_bytes_give_settings_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    check(path)


@given(
    theme=st.none() | st.sampled_from(["nord", "a 'b'", "größe"]),
    marker=st.sampled_from(MARKERS),
    speed=st.floats(SLOWEST, FASTEST) | st.integers(1, int(FASTEST)),
    end=st.sampled_from(["\n", "\r\n"]),
)
@same_folder
def test_valid_files_are_read_as_they_were_made(
    tmp_path: Path, theme: str | None, marker: str, speed: float, end: str
) -> None:
    lines = [f"marker = '{marker}'", f"speed = {speed!r}", *([] if theme is None else [f'theme = "{theme}"'])]
    path = tmp_path / "config.toml"
    path.write_bytes(end.join(lines).encode())
    found = check(path)
    assert found is not None
    assert (found.theme, found.marker, found.speed) == (theme, marker, speed)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a." * 65_000, id="a key of many parts"),
        pytest.param(b"".join(b"a." * 480 + b"a%d = 1\n" % i for i in range(130)), id="keys of many parts"),
        pytest.param(b"".join(b"[" + b"a." * 480 + b"a%d]\n" % i for i in range(130)), id="tables of many parts"),
        pytest.param(b"[" + b"a." * 490 + b"a]\n[" + b"a." * 490 + b"a]", id="a table twice"),
        pytest.param(b"a = " + b"[\n" * 65_000, id="nested lists"),
        pytest.param(b"a = " + b"{a=[" * 240 + b"\n" + b"]}" * 240, id="nested tables"),
        pytest.param(b"[[a]]\n" * 21_000, id="many tables"),
        pytest.param(b"\n" * 130_000, id="many lines"),
        pytest.param(b"'''" + b"\n''" * 40_000, id="a long text"),
    ],
)
def test_files_made_to_take_long_give_settings_or_one_line(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    check(path)


def test_the_description_of_a_file_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_LINREG_CONFIG", "n" * 300)
    lines = describe()
    assert next(lines).endswith("(does not exist)")
    with pytest.raises(InputError, match="file name too long"):
        list(lines)

"""Which module may know which: the engine nothing of the terminal, and what must answer at once nothing of torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tui_linreg

PACKAGE = Path(tui_linreg.__file__).parent
TERMINAL = {"textual", "textual_plotext", "plotext", "rich", "click"}
HEAVY = {"torch", "textual", "textual_plotext", "plotext", "sklearn", "numpy", "scipy"}
OURS_OF_THE_TERMINAL = ("tui", "cli", "settings", "key_names")


def imported(path: Path) -> set[str]:
    """Return the full names of all modules that a source file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import hides where it leads"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", sorted((PACKAGE / "engine").rglob("*.py")), ids=lambda path: path.name)
def test_the_engine_imports_nothing_of_the_terminal(path: Path) -> None:
    for name in imported(path):
        parts = name.split(".")
        assert parts[0] not in TERMINAL
        assert parts[0] != "tui_linreg" or parts[1] == "engine"


def loaded_by(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after `code`."""
    listing = f"{code}\nimport sys\nprint('\\n' + ' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import tui_linreg",
        "import tui_linreg.engine",
        "import tui_linreg.cli.main, tui_linreg.cli.train, tui_linreg.cli.report\n"
        "import tui_linreg.settings, tui_linreg.trace_file, tui_linreg.tui.commands",
        "from tui_linreg.cli.main import main; assert main(['--help']) == 0",
        "from tui_linreg.cli.main import main; assert main(['train', '--help']) == 0",
        "from tui_linreg.cli.main import main; assert main(['--version']) == 0",
        "from tui_linreg.cli.main import main; assert main(['config']) == 0",
        "from tui_linreg.cli.main import main; assert main(['progress']) == 0",
        "from tui_linreg.cli.main import main; assert main(['progress', '--reset']) == 0",
        "from tui_linreg.cli.main import main; assert main(['student', '--new', '/']) == 2",
        "from tui_linreg.cli.main import main; assert main(['--student', '/', 'train']) == 2",
        "from tui_linreg.cli.main import main; assert main(['train', '--lr', 'x']) == 2",
        "from tui_linreg.cli.main import main; assert main(['trace', '--out', '/']) == 2",
    ],
)
def test_what_must_answer_at_once_loads_nothing_heavy(
    code: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TUI_LINREG_STATE", str(tmp_path / "progress.json"))
    (tmp_path / "progress.json").write_text('{"version": 1, "lessons": ["one"]}')
    assert not loaded_by(code) & HEAVY


def test_the_first_frame_needs_neither_torch_nor_scikit_learn() -> None:
    loaded = loaded_by("from tui_linreg.tui.app import LinRegApp\nfrom tui_linreg.engine import RunConfig\n"
                       "from tui_linreg.settings import Settings\nLinRegApp(RunConfig(), Settings())")  # fmt: skip
    assert "textual" in loaded
    assert not loaded & {"torch", "sklearn", "scipy"}
    assert not loaded & {
        f"tui_linreg.{name}"
        for name in ("study.lessons.checks", "study.lessons.screen_facts", "study.hunt", "tui.course")
    }


def test_a_session_loads_nothing_of_the_screen() -> None:
    loaded = loaded_by("import tui_linreg.engine.training.session")
    assert "torch" in loaded
    assert not loaded & {"textual", "textual_plotext", "plotext", "click"}
    assert not any(name.startswith(tuple(f"tui_linreg.{each}" for each in OURS_OF_THE_TERMINAL)) for name in loaded)

"""Completion of the command line, as the shells themselves do it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cli_helpers import Run, assert_refused

import tui_linreg

SHELLS = ("bash", "zsh", "fish")

# Each loads the script as the documentation says, and prints what TAB would offer after the words in $1.
BASH = """
eval "$(tui-linreg completion bash)"
COMP_WORDS=($1); [[ $1 == *' ' ]] && COMP_WORDS+=(""); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_tui_linreg_completion tui-linreg
printf '%s\\n' "${COMPREPLY[@]}"
"""
FISH = """
tui-linreg completion fish | source
complete --do-complete "$argv[1]"
"""
ZSH = """
compdef() { : }
_describe() { local name=${@[-2]}; print -l -- ${(P)name}; local other=${@[-1]}; }
compadd() { local name=${@[-1]}; print -l -- ${(P)name} }
_path_files() { print -l -- a.csv }
eval "$(tui-linreg completion zsh)"
words=(${=1}); [[ $1 == *' ' ]] && words+=(''); CURRENT=${#words}
_tui_linreg_completion
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def offered(shell: str, line: str, folder: Path) -> set[str]:
    """What a shell offers at the end of a line; the first word of each."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed")
    command = folder / "bin" / "tui-linreg"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tui_linreg "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(tui_linreg.__file__).parents[1]),
        "HOME": str(folder),
    }
    plain = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    name = [] if shell == "fish" else [shell]
    done = subprocess.run(
        [path, *plain, "-c", SCRIPTS[shell], *name, line],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return {part.split("\t")[0].split(":")[0].strip() for part in done.stdout.splitlines() if part.strip()}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_commands(shell: str, tmp_path: Path) -> None:
    found = offered(shell, "tui-linreg ", tmp_path)
    assert {"train", "trace", "report", "completion", "progress", "student", "config"} <= found


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_values(shell: str, tmp_path: Path) -> None:
    assert offered(shell, "tui-linreg train --mistake d", tmp_path) == {
        "divide-by-batch-size", "divide-by-n", "double-mean",
    }  # fmt: skip


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_after_what_is_no_command(shell: str, tmp_path: Path) -> None:
    offered(shell, "tui-linreg data.csv ", tmp_path)  # no traceback, and no app


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("args", [(), ("train", "--lr", "x")])
def test_the_variable_asks_for_the_script_whatever_the_line_is(
    run: Run, monkeypatch: pytest.MonkeyPatch, shell: str, args: tuple[str, ...]
) -> None:
    monkeypatch.setenv("_TUI_LINREG_COMPLETE", f"{shell}_source")
    result = run(*args)
    assert result.code == 0
    assert f"{shell}_complete" in result.out


def test_the_command_prints_the_script_and_where_it_belongs(run: Run) -> None:
    for shell in SHELLS:
        first = run("completion", shell).out.splitlines()[0]
        assert first.startswith("# in ~/.")
        assert f"tui-linreg completion {shell}" in first
    assert_refused(run("completion"), "completion: give one of bash, zsh, fish")
    assert_refused(run("completion", "tcsh"), "completion 'tcsh': give one of bash, zsh, fish")


def test_a_wrong_question_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_TUI_LINREG_COMPLETE", "tcsh_source")
    assert_refused(run(), "_TUI_LINREG_COMPLETE 'tcsh_source': must be a shell and what it asks")

"""The class taken out of a notebook: parsed and not run, put together from its cells."""

from __future__ import annotations

import ast
import json
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_files import INIT, RIGHT, method, whole

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.study.student.judged import judge_run
from tui_linreg.study.student.notebook import class_of
from tui_linreg.study.student.session import StudentSession
from tui_linreg.study.student.student import Student

CLASS = f'class SimpleLinearRegression:\n    """A line."""\n{INIT}'
ADD = "@add_to_class(SimpleLinearRegression)\n"


def notebook(path: Path, *cells: str, **changed: object) -> str:
    """Write a notebook with these code cells between others."""
    written = [{"cell_type": "markdown", "source": ["# class SimpleLinearRegression:"], "metadata": {}}]
    written += [{"cell_type": "code", "source": cell.splitlines(True), "outputs": []} for cell in cells]
    path.write_text(json.dumps({"cells": written, "nbformat": 4} | changed), encoding="utf-8")
    return str(path)


def added(part: str, decorator: str = ADD, body: str | None = None) -> str:
    return decorator + method(part, body or RIGHT[part], "")


def methods(text: str) -> list[str]:
    body = next(node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)).body
    return [node.name for node in body if isinstance(node, ast.FunctionDef)]


def test_methods_added_in_later_cells_become_the_class_that_is_judged_right(tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    path = notebook(
        tmp_path / "n.ipynb",
        "%matplotlib inline\n!pip install d2l\nimport torch, os\nimport numpy as np\nfrom torch import nn",
        f"open({str(evil)!r}, 'w')\nos.system('touch {evil}')\ny_pred = open({str(evil)!r}, 'w')",
        "device = 'cpu'\nunused = 3\n\ndef add_to_class(C):\n    return lambda f: setattr(C, f.__name__, f)",
        CLASS.replace("torch.randn(1),", "torch.randn(1, device=device),"),
        "model = SimpleLinearRegression()\nmodel.b?\n",
        added("predict"),
        "def square(v):\n    return v ** power\n",
        "power = 2",
        added(
            "mse_loss", "@d2l.add_to_class(SimpleLinearRegression)\n", "return square(y_pred - y_true).mean().item()"
        ),
        added("update", body="1 / 0"),
        "this is no Python (",
        added("update"),
        added("fit"),
        "model.fit(1)",
    )
    text = class_of(path)
    assert methods(text) == ["__init__", "predict", "mse_loss", "update", "fit"]
    assert "1 / 0" not in text
    assert "import torch" in text
    for gone in ("numpy", "nn", "import os", "unused", "add_to_class", "evil", "model"):
        assert gone not in text
    mine = tmp_path / "mine.py"
    mine.write_text(text, encoding="utf-8")
    with Student(mine) as student:
        judgement = judge_run(StudentSession(RunConfig(samples=120, epochs=2, device="cpu"), student))
    assert judgement.right_parts == {"predict", "mse_loss", "update", "fit"}
    assert not evil.exists()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([whole()], ["__init__", "predict", "mse_loss", "update", "fit"]),
        ([CLASS, "class SimpleLinearRegression(SimpleLinearRegression):\n" + method("predict", RIGHT["predict"])],
         ["__init__", "predict"]),
        ([CLASS, method("predict", RIGHT["predict"], ""), "SimpleLinearRegression.predict = predict"],
         ["__init__", "predict"]),
        ([whole(), CLASS], ["__init__"]),
        (["%%time\n" + CLASS], ["__init__"]),
        ([added("predict"), CLASS.replace("SimpleLinearRegression", "Other")], None),
        (["x = 1"], None),
        ([], None),
    ],
)  # fmt: skip
def test_the_class_in_other_forms(tmp_path: Path, cells: list[str], expected: list[str] | None) -> None:
    path = notebook(tmp_path / "n.ipynb", *cells)
    if expected is not None:
        assert methods(class_of(path)) == expected
        return
    with pytest.raises(InputError, match="holds no class SimpleLinearRegression"):
        class_of(path)


def test_a_method_keeps_its_comments_and_other_decorators(tmp_path: Path) -> None:
    cell = f"{ADD}@torch.no_grad()\ndef predict(self, x):\n    # the line\n    return self.b + self.w * x\n"
    text = class_of(notebook(tmp_path / "n.ipynb", "import torch", CLASS, cell))
    assert textwrap.indent(cell.removeprefix(ADD), "    ") in text


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [{"cell_type": "code", "source": [1]}]}', b"[" * 10**5],
)
def test_what_is_no_notebook_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"n\.ipynb' is no notebook; an \.ipynb file is needed"):
        class_of(str(path))
    with pytest.raises(InputError, match=r"cannot read .*no such file"):
        class_of(str(tmp_path / "none.ipynb"))


@given(st.lists(st.text(max_size=60), max_size=4))
def test_any_text_in_cells_is_read_or_told(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    path = notebook(tmp_path_factory.mktemp("n") / "n.ipynb", *cells, CLASS, *cells)
    assert "__init__" in methods(class_of(path))

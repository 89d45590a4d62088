"""A learner's own `update`: judged as the built-in one is, the same when looked at again, read anew when saved."""

from __future__ import annotations

import ast
import inspect
import os
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_helpers import KEYS, Scratch, differing, first_differing, phases_of, recorded, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.training.session import Session
from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.session import StudentSession, student_model
from tui_linreg.study.student.skeleton import SKELETON, write_new
from tui_linreg.study.student.student import Student

Use = Callable[[str], Scratch]

PARTS = {
    "signal": "2 * (y_pred - y_true) / len(y_true)",
    "b": "signal.sum()",
    "w": "torch.dot(signal, x)",
}
KERNEL = """
import torch
def update(self, x, y_true, y_pred, lr):
    signal = (2 / len(y_true)) * (y_pred - y_true)
    grad_b = signal.sum()
    grad_w = (signal.unsqueeze(0) @ x.unsqueeze(1)).squeeze()
    self.b.add_(grad_b, alpha=-lr)
    self.w.add_(grad_w, alpha=-lr)
    return signal, grad_b, grad_w
"""
NOTEBOOK_METHOD = """
import torch
def update(self, x, y_true, y_pred, lr):
    signal = 2 * (y_pred - y_true) / len(y_true)
    grad_b, grad_w = signal.sum(), torch.dot(signal, x)
    self.b -= lr * grad_b
    self.w = self.w - lr * grad_w
    return signal, grad_b, grad_w
"""


def written(**changed: str) -> str:
    """A learner's file, with other formulas for some parts."""
    parts = PARTS | changed
    return (
        "import torch\ndef update(x, y_true, y_pred, lr):\n"
        f"    signal = {parts['signal']}\n    grad_b = {parts['b']}\n    grad_w = {parts['w']}\n"
        "    return signal, grad_b, grad_w, -lr * grad_b, -lr * grad_w\n"
    )


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    """One process for all tests: to start it takes longer than all of them."""
    path = tmp_path_factory.mktemp("learner") / "mine.py"
    path.write_text(written())
    with Student(path) as opened:
        yield opened


@pytest.fixture
def use(student: Student) -> Use:
    def saved(text: str) -> Scratch:
        student.path.write_text(text)
        student.reload()
        return student_model(student)

    return saved


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("text", [written(), NOTEBOOK_METHOD], ids=["function", "method"])
def test_a_correct_file_computes_the_built_in_models_bits_on_the_whole_default_run(
    use: Use, text: str, dtype: str
) -> None:
    config = RunConfig(dtype=dtype, device="cpu")
    ours, built_in = trained(Session(config, scratch_type=use(text))), trained(Session(config))
    for index in range(64):
        step, expected = ours.step(index), built_in.step(index)
        assert not differing(step)
        assert step.scratch.dloss_dpred.equal(expected.scratch.dloss_dpred)
        for name in ("loss", "grad_b", "grad_w", "b_after", "w_after"):
            assert getattr(step.scratch, name) == getattr(expected.scratch, name)
    if dtype == "float64":
        assert ours.timeline.states(64)[0] == pytest.approx([1.9453398231, 20.5362814585], abs=1e-9)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_kernel_forms_get_the_verdicts_that_they_get_in_the_app(use: Use, dtype: str) -> None:
    config = RunConfig(dtype=dtype, device="cpu")
    ours = trained(Session(config, scratch_type=use(KERNEL)))
    for index in range(64):
        step = ours.step(index)
        assert [step.comparisons[key].verdict.name for key in KEYS] == ["IDENTICAL"] * len(KEYS), index


def in_a_file(mistake: str) -> str:
    """A learner's file with a classic mistake: the returned expressions of the built-in model's own methods."""
    parts = {"error_signal": "signal", "bias_gradient": "b", "weight_gradient": "w"}
    found = {}
    for method in phases_of(mistake).keys() & parts.keys():
        function = ast.parse(textwrap.dedent(inspect.getsource(vars(MISTAKES[mistake].model)[method])))
        returned = next(node for node in ast.walk(function) if isinstance(node, ast.Return))
        assert "super()" not in ast.unparse(returned), f"{mistake}: {method} must return without super()"
        text = ast.unparse(returned).removeprefix("return ").replace("dloss_dpred", "signal")
        found[parts[method]] = text.replace("self.batch_size", "33").replace("self.n_train", "100")
    return written(**found)


# `no-zero-grad` needs a global, see below.
FILES = {name: in_a_file(name) for name in MISTAKES if not MISTAKES[name].adds_up_gradients} | {
    "stale": written(w="torch.dot(2 * (y_pred - lr * grad_b - y_true) / len(x), x)")
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FILES)
def test_a_classic_mistake_in_a_file_is_judged_as_the_apps_own_is(use: Use, name: str, dtype: str) -> None:
    mistake = MISTAKES[name]
    # The loss is the app's own: phase 3 comes before `update`.
    expected = mistake.first_step(Schedule(100, 33, 2)), set(mistake.shows_in) - {"loss"}
    assert first_differing(trained(small(use(FILES[name]), dtype=dtype, epochs=2))) == expected
    built_in = first_differing(trained(small(dtype=dtype, epochs=2, mistake=name)))
    assert built_in is not None
    assert (built_in[0], built_in[1] - {"loss"}) == expected


def test_gradients_that_add_up_in_a_global_are_told_at_once(use: Use) -> None:
    session = small(
        use(
            "import torch\nseen = 0\ndef update(x, y_true, y_pred, lr):\n    global seen\n"
            "    d = 2 * (y_pred - y_true) / len(x)\n    seen = seen + d.sum()\n"
            "    return d, seen, torch.dot(d, x), -lr * seen, -lr * torch.dot(d, x)\n"
        )
    )
    with pytest.raises(StudentError, match=r"the same batch twice gave two answers \(∂L/∂b ") as caught:
        session.train_to(1)
    assert (caught.value.kind, session.trained) == ("answer", 0)


def test_a_step_looked_at_again_has_the_same_bits_in_another_process_too(use: Use, student: Student) -> None:
    session = small(use(written()), epochs=3, dtype="float32")
    kept = []
    for index in range(session.schedule.steps):
        session.train_to(index + 1)
        kept.append(session.step(index))  # the newest: as it was trained
    order = [7, 0, 11, 3, 3, 10]
    for index in order:
        assert session.step(index).scratch.dloss_dpred.equal(kept[index].scratch.dloss_dpred)
    old = student.pid
    assert old is not None
    os.kill(old, 9)
    with pytest.raises(StudentError, match="crashed its process"):
        session.step(5)
    for index in order:
        again, before = session.step(index).scratch, kept[index].scratch
        assert again.dloss_dpred.equal(before.dloss_dpred)
        assert (again.grad_b, again.grad_w, again.b_after) == (before.grad_b, before.grad_w, before.b_after)
    assert student.pid not in (None, old)


def test_a_run_goes_on_with_the_version_it_began_with(use: Use, student: Student) -> None:
    session = small(use(written()), epochs=2)
    session.train_to(3)
    wrong = small(use(FILES["no-x"]), epochs=2)
    wrong.train_to(2)
    session.train_to(8)
    assert [bool(differing(session.step(index))) for index in range(8)] == [False] * 8
    assert differing(wrong.step(0)) == {"grad_w", "w"}
    for number in range(40):  # more versions than the process holds
        use(written() + f"# {number}\n")
    assert not differing(session.step(6))


def test_a_file_saved_half_way_is_told_with_its_line_and_changes_nothing(use: Use, student: Student) -> None:
    use(written())
    code = student.code
    assert not student.changed()
    student.path.write_text(written())
    assert not student.changed()  # saved again, the same
    student.path.write_text("import torch\n\ndef update(x, y_true,\n")
    assert student.changed()
    with pytest.raises(StudentError) as caught:
        student.reload()
    assert (caught.value.kind, caught.value.line, caught.value.source) == ("syntax", 3, "def update(x, y_true,")
    assert "mine.py, line 3, `def update(x, y_true,`: SyntaxError" in str(caught.value)
    assert not student.changed()  # it has been told
    assert student.code is code
    assert not differing(trained(small(student_model(student)), 2).step(1))
    student.path.unlink()
    assert not student.changed()  # an editor may be replacing it
    student.path.write_text(written(b="signal.sum() * 1"))
    assert student.changed()
    stamp = student.path.stat()
    student.reload()
    student.path.write_text(written(b="signal.sum() * 2"))  # as long, and the clock has not moved
    os.utime(student.path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert student.changed()


def test_a_module_beside_the_file_is_read_anew(use: Use, student: Student) -> None:
    helper = student.path.with_name("my_helper.py")
    text = written(b="my_helper.total(signal)").replace("import torch", "import torch, my_helper")
    helper.write_text("def total(v): return v.sum()\n")
    assert not differing(trained(small(use(text)), 1).step(0))
    helper.write_text("def total(v): return v.mean() + 0\n")
    assert differing(trained(small(use(text + "# saved\n")), 1).step(0)) == {"grad_b", "b"}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_more_epochs_are_those_of_a_run_begun_with_them(use: Use, student: Student, dtype: str) -> None:
    use(written())
    session, straight = (
        StudentSession(RunConfig(samples=120, epochs=epochs, dtype=dtype, device="cpu"), student) for epochs in (2, 4)
    )
    session.train_to(8)
    session.extend(4)
    assert recorded(trained(session)) == recorded(trained(straight))
    assert (session.config, session.trained) == (straight.config, 16)
    last, alike = (one.step(15) for one in (session, straight))
    assert {key: each.verdict for key, each in last.comparisons.items()} == {
        key: each.verdict for key, each in alike.comparisons.items()
    }


@pytest.mark.parametrize("together", [1, 64])
def test_steps_before_the_one_that_fails_are_kept(use: Use, student: Student, together: int) -> None:
    use(written(w="torch.dot(signal, x) if len(x) > 1 else 1 / 0"))
    session = StudentSession(RunConfig(samples=120, epochs=16, device="cpu"), student)
    if together == 1:
        for steps in (1, 2, 3):
            assert session.train_to(steps) == steps
    failed = r"mine\.py, line 5, `grad_w = .*`: ZeroDivisionError: division by zero"
    for goal in (session.trained + together, 64):
        with pytest.raises(StudentError, match=failed) as caught:
            session.train_to(goal)
        assert session.failure is caught.value
        assert session.trained == 3
    assert not any(differing(session.step(index)) for index in range(3))


@settings(max_examples=40, deadline=None)
@given(
    numbers=st.lists(st.tuples(*[st.floats(width=32)] * 3), min_size=1, max_size=40),
    lr=st.sampled_from([1.0, 2.0, 3.0]),
    dtype=st.sampled_from(["float64", "float32"]),
)
def test_every_number_crosses_bit_for_bit(
    student: Student, numbers: list[tuple[float, float, float]], lr: float, dtype: str
) -> None:
    text = "def update(x, y, p, lr):\n    v = (x, y, p)[int(lr) - 1]\n    return v, v[0], v[-1], 0.0, 0.0\n"
    if student.path.read_text() != text:
        student.path.write_text(text)
        student.reload()
    columns = np.array(numbers, dtype=dtype).T
    x, y, p = (torch.from_numpy(np.ascontiguousarray(column)) for column in columns)
    model = student_model(student)(dtype=getattr(torch, dtype))
    before = [tensor.clone() for tensor in model.state()]
    found = model.update(x, y, p, lr)
    expected: Tensor = (x, y, p)[int(lr) - 1]
    assert found.dloss_dpred.numpy().tobytes() == expected.numpy().tobytes()
    np.testing.assert_array_equal(found.grad_b.numpy(), expected[0].numpy())
    np.testing.assert_array_equal(found.grad_w.numpy(), expected[-1].numpy())
    assert all(old.equal(new) for old, new in zip(before, model.state(), strict=True))


def test_the_skeleton_is_never_written_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    write_new(path)
    assert path.read_text(encoding="utf-8") == SKELETON
    path.write_text("mine")
    for bad, words in (
        (path, "is there already and stays as it is"),
        (tmp_path, "is there already"),
        (tmp_path / "no" / "new.py", "no such file or directory"),
        (tmp_path / "a\0b.py", "no file can have this name"),
    ):
        with pytest.raises(InputError, match=words):
            write_new(bad)
    assert path.read_text() == "mine"

"""A learner's whole class, or some of its parts: run, judged beside torch over the whole run, told what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engine_helpers import differing, trained
from student_helpers import GOOD, save
from whole_files import RIGHT, functions, whole

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.training.session import Session
from tui_linreg.study.predict.slips import SLIPS
from tui_linreg.study.student import words
from tui_linreg.study.student.code import StudentError
from tui_linreg.study.student.judged import RunJudgement, judge_run
from tui_linreg.study.student.session import StudentSession
from tui_linreg.study.student.skeleton import SKELETON
from tui_linreg.study.student.student import Limits, Student

Judge = Callable[..., RunJudgement]
ALL = ("y_pred", "loss", "dloss_dpred", "grad_b", "grad_w", "b", "w")


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Student]:
    """One process for all tests: to start it takes longer than all of them."""
    path = tmp_path_factory.mktemp("learner") / "mine.py"
    path.write_text(GOOD)
    with Student(path, limits=Limits(fit=20.0)) as opened:
        yield opened


@pytest.fixture
def session(student: Student) -> Callable[..., StudentSession]:
    def make(source: str, **options: object) -> StudentSession:
        save(student, source)
        student.reload()
        defaults: dict[str, object] = {"samples": 120, "epochs": 3, "device": "cpu"}
        return StudentSession(RunConfig(**(defaults | options)), student)  # type: ignore[arg-type]

    return make


@pytest.fixture
def judge(session: Callable[..., StudentSession]) -> Judge:
    return lambda source, **options: judge_run(session(source, **options))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("source", [whole(), functions()], ids=["class", "functions"])
def test_the_notebooks_class_has_the_built_in_bits_and_every_part_is_right(
    session: Callable[..., StudentSession], source: str, dtype: str
) -> None:
    ours = session(source, dtype=dtype, samples=10100, epochs=16)
    judgement = judge_run(ours)
    built_in = trained(Session(RunConfig(dtype=dtype, device="cpu")))
    assert [ours.timeline.states(step) for step in range(65)] == [built_in.timeline.states(step) for step in range(65)]
    assert (ours.timeline.losses(0, 0, 64) == built_in.timeline.losses(0, 0, 64)).all()
    assert ours.epoch_log(0) == built_in.epoch_log(0)
    assert judgement.right_parts == {"predict", "mse_loss", "update", "fit"}
    assert (judgement.steps, judgement.absent, judgement.given) == (64, {}, frozenset())
    assert judgement.fit is not None
    assert judgement.fit.lines == 16


@pytest.mark.parametrize("part", ["predict", "mse_loss", "update", "fit"])
@pytest.mark.parametrize("body", ["return ...", "raise NotImplementedError", "raise NotImplementedError('later')"])
def test_a_part_that_is_not_written_is_said_and_the_others_are_judged(judge: Judge, part: str, body: str) -> None:
    judgement = judge(whole(**{part: body}))
    keys = {"predict": ("y_pred",), "mse_loss": ("loss",), "update": ALL[2:], "fit": ()}[part]
    assert set(judgement.absent) - {"fit"} == set(keys)
    assert set(judgement.absent.values()) <= {"not written yet"}
    assert judgement.right_parts == {"predict", "mse_loss", "update", "fit"} - {part, "fit"}
    assert not judgement.faults


def test_lines_of_update_are_written_in_any_order(judge: Judge) -> None:
    lines = SKELETON.splitlines()
    assert set(judge(SKELETON).absent) == {*ALL, "fit"}
    answers = {
        "grad_w": "torch.dot(2 * (y_pred - y_true) / len(x), x)",
        "self.b": "self.b - lr * (2 * (y_pred - y_true)).mean()",
        "dloss_dpred": "2 * (y_pred - y_true) / len(x)",
        "self.w": "self.w - lr * grad_w",
        "grad_b": "dloss_dpred.sum()",
    }
    left = {"dloss_dpred", "grad_b", "grad_w", "b", "w"}
    for name, formula in answers.items():
        at = next(i for i, line in enumerate(lines) if line.strip() == f"{name} = ...")
        lines[at] = lines[at].replace("...", formula)
        left -= {name.removeprefix("self.")}
        judgement = judge("\n".join(lines))
        assert set(judgement.absent) == left | {"y_pred", "loss", "fit"}
        assert not judgement.faults
        assert words.right_text(judgement).startswith("right over all 12 steps: ")


def test_an_empty_fit_is_not_written_whatever_else_is_missing(judge: Judge) -> None:
    judgement = judge(SKELETON)
    assert judgement.fit is not None
    assert (judgement.fit.what, judgement.fit.wrong) == ("not written yet", False)
    broken = judge(whole(predict="return ...", fit="raise ValueError('of no epoch')"))
    assert broken.fit is not None
    assert (broken.fit.what, broken.fit.wrong) == ("judged when these are right: ŷ", False)


def test_a_line_that_needs_what_is_not_written_is_named(judge: Judge) -> None:
    source = whole(update="d = ...\ngb = d.sum()\nreturn d, gb, gb")
    number = next(i for i, line in enumerate(source.splitlines(), 1) if "d.sum()" in line)
    judgement = judge(source)
    assert judgement.absent["grad_b"] == f"line {number} needs a …"
    assert judgement.right_parts == {"predict", "mse_loss"}


def test_an_update_that_returns_nothing_is_judged_by_b_and_w(judge: Judge) -> None:
    silent = RIGHT["update"].replace("\nreturn d, gb, gw", "")
    judgement = judge(whole(update=silent))
    assert judgement.absent == dict.fromkeys(ALL[2:5], "not returned")
    assert not judgement.faults
    assert judgement.fit is not None
    assert judgement.fit.right
    wrong = judge(whole(update=silent.replace("-= lr * gw", "-= lr * gb")))
    assert [(fault.key, fault.step) for fault in wrong.faults] == [("w", 0)]
    assert "no-x" in {error.name for error in wrong.faults[0].errors}


FORMULAS = {
    # body of update's first line, and so on: what it must be recognised as
    "missing-2": ("dloss_dpred", ("2 * (y_pred", "(y_pred")),
    "sum": ("dloss_dpred", (" / len(y_true)", "")),
    "sign": ("dloss_dpred", ("y_pred - y_true", "y_true - y_pred")),
    "residual": ("dloss_dpred", ("2 * (y_pred - y_true) / len(y_true)", "y_pred - y_true")),
    "divide-by-batch-size": ("dloss_dpred", ("len(y_true)", "33")),
    "divide-by-n": ("dloss_dpred", ("len(y_true)", "100")),
    "double-mean": ("grad_b", ("d.sum()", "d.mean()")),
    "no-x": ("grad_w", ("torch.dot(d, x)", "d.sum()")),
    "x-squared": ("grad_w", ("torch.dot(d, x)", "(d * x * x).sum()")),
    "plus": ("b", ("self.b -=", "self.b +=")),
    "forgot-eta": ("w", ("self.w -= lr * gw", "self.w -= gw")),
    "other-gradient": ("b", ("self.b -= lr * gb", "self.b -= lr * gw")),
}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FORMULAS)
def test_a_known_wrong_formula_is_recognised(judge: Judge, name: str, dtype: str) -> None:
    key, change = FORMULAS[name]
    judgement = judge(whole(update=RIGHT["update"].replace(*change)), dtype=dtype)
    assert [fault.key for fault in judgement.faults] == [key]
    fault = judgement.faults[0]
    assert fault.step == (3 if name == "divide-by-batch-size" else 0)
    assert [error.name for error in fault.errors] == [name]
    titles = {slip.name: slip.title for slip in SLIPS[key]} | {each: MISTAKES[each].title for each in MISTAKES}
    assert words.fault_text(fault).endswith(titles[name])
    # What comes before it, and what follows from it, is not at fault.
    assert {"predict", "mse_loss"} <= judgement.right_parts
    assert "update" not in judgement.right_parts


def test_every_wrong_formula_of_a_file_is_named_at_once(judge: Judge) -> None:
    update = RIGHT["update"].replace("-= lr * gw", "-= gw").replace("2 * (y_pred", "(y_pred")
    judgement = judge(whole(update=update, mse_loss="return ((y_pred - y_true) ** 2).sum().item()"))
    named = {fault.key: [error.name for error in fault.errors] for fault in judgement.faults}
    assert named["loss"] == ["sum"]
    assert named["dloss_dpred"] == ["missing-2"]
    assert "w" in named
    assert judgement.right_parts == {"predict"}


def test_the_factor_may_stand_at_the_end(judge: Judge) -> None:
    late = "d = 2 * (y_pred - y_true)\ngb, gw = d.mean(), (d * x).mean()\n"
    judgement = judge(whole(update=late + "self.b -= lr * gb\nself.w -= lr * gw\nreturn d / len(x), gb, gw"))
    assert judgement.right
    judgement = judge(whole(update=late + "self.b -= lr * gb\nself.w -= lr * gw\nreturn d, gb, gw"))
    assert [fault.key for fault in judgement.faults] == ["dloss_dpred"]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (("2 * (y_pred - y_true) / len(y_true)", "y_pred - y_true"), "residual"),
        (("len(y_true)", "2"), "divide-by-batch-size"),
        (("self.b -= lr", "self.b -= 0.1"), None),
    ],
)
def test_what_the_runs_batches_cannot_tell_a_further_one_does(
    judge: Judge, change: tuple[str, str], name: str | None
) -> None:
    """With m = 2 the factor 2/m is 1, and η is the same number all along."""
    judgement = judge(
        whole(update=RIGHT["update"].replace(*change)), samples=10100, dataset="tiny", batch_size=2, lr=0.1
    )
    assert not judgement.first
    (fault,) = judgement.faults
    assert (fault.step, fault.m, judgement.right) == (None, 3, False)
    assert words.fault_text(fault).startswith(
        f"{words.SYMBOLS[fault.key]} is wrong on a mini-batch of 3 samples, which this run does not have"
    )
    assert name is None or name in {error.name for error in fault.errors}
    assert not judge(whole(), samples=10100, dataset="tiny", batch_size=2, lr=0.1).faults


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (RIGHT["fit"].replace("range(epochs)", "range(epochs - 1)"), "prints 2 lines of the log, 3 are needed"),
        (RIGHT["fit"].replace("range(epochs)", "range(epochs + 1)"), "prints 4 lines of the log, 3 are needed"),
        (RIGHT["fit"].replace("self.update", "if epoch: self.update"), "line 1 of its log is "),
        ("pass", "prints 0 lines of the log, 3 are needed"),
        ("1 / 0", "ZeroDivisionError"),
        ("print('epoch: nan - MSE: x - MSE_v: \\x1b[31m')", r"line 1 of its log is epoch: nan - MSE: x - MSE_v: \x1b["),
    ],
)
def test_the_log_of_fit_is_compared_line_by_line(judge: Judge, body: str, said: str) -> None:
    judgement = judge(whole(fit=body))
    assert judgement.fit is not None
    assert said in judgement.fit.what
    assert judgement.fit.what.isprintable()
    assert (judgement.fit.wrong, judgement.right) == (True, False)
    assert judgement.right_parts == {"predict", "mse_loss", "update"}


def test_a_log_of_huge_losses_may_be_written_in_either_way(judge: Judge) -> None:
    """A format with 4 places writes all digits of a large number, `round` an exponent: both are the same number."""
    written = RIGHT["fit"].replace("{round(mse, 4)}", "{mse:.4f}").replace("{round(mse_v, 4)}", "{mse_v:.4f}")
    assert written != RIGHT["fit"]
    for lr, epochs, batch_size in ((20.0, 200, 100), (2.0, 40, 100), (0.01, 3, 5)):
        judgement = judge(whole(fit=written), lr=lr, batch_size=batch_size, epochs=epochs)
        assert judgement.fit is not None
        assert judgement.fit.right, judgement.fit.what
        assert judgement.fit.lines > 1, "enough to tell"


@pytest.mark.parametrize(("old", "new", "said"), [
    ("range(0, len(y), batch_size)", "range(0, len(y) - batch_size + 1, batch_size)", "the short mini-batch"),
    ("sum(losses) / len(losses)", "sum(losses)", "the sum of the mini-batches' losses"),
    ("sum(losses) / len(losses)", "sum(losses) / len(y)", "divided by the number of samples"),
    ("sum(losses) / len(losses)", "losses[-1]", "the last mini-batch alone"),
    ("sum(losses) / len(losses)", "self.evaluate(x, y)", "taken after the epoch"),
    ("self.mse_loss(yb, y_pred))", "self.mse_loss(yb, y_pred) * len(yb) * (1 + len(y) // batch_size) / len(y))",
     "the mean over the samples"),
    ("self.evaluate(x_valid, y_valid)", "self.evaluate(x, y)", "on the train set"),
    ("epoch: {epoch}", "epoch: {epoch + 1}", "count from 0"),
    ("sum(losses) / len(losses)", "7.5", "epoch: 0 - MSE: 7.5"),
])  # fmt: skip
def test_a_wrong_loop_is_told_by_its_log(judge: Judge, old: str, new: str, said: str) -> None:
    assert old in RIGHT["fit"]
    judgement = judge(whole(fit=RIGHT["fit"].replace(old, new)), batch_size=3)
    assert judgement.fit is not None
    assert judgement.fit.wrong
    assert said in judgement.fit.what
    assert "torch's is epoch: 0 - MSE: " in judgement.fit.what


def test_validation_before_the_updates_is_told(judge: Judge) -> None:
    early = RIGHT["fit"].replace("losses = []", "losses, before = [], self.evaluate(x_valid, y_valid)")
    judgement = judge(whole(fit=early.replace("self.evaluate(x_valid, y_valid)\n    print", "before\n    print")))
    assert judgement.fit is not None
    assert "before the epoch's updates" in judgement.fit.what


def test_fit_waits_for_what_it_calls(judge: Judge) -> None:
    judgement = judge(whole(predict="return self.w * x"))
    assert judgement.fit is not None
    assert (judgement.fit.wrong, judgement.fit.right) == (False, False)
    assert judgement.fit.what == "judged when these are right: ŷ"


KEYWORD = GOOD.replace("y_pred, lr)", "y_pred, *, lr=0.01)")


@pytest.mark.parametrize(
    "source",
    [
        KEYWORD,
        GOOD.replace("(x, y_true, y_pred, lr)", "(*, lr, y_pred, y_true, x)"),
        GOOD.replace("(x, y_true, y_pred, lr)", "(x, y_true, y_pred, lr, more=3, *rest, **others)"),
        whole(fit="").replace("y_true, y_pred, lr)", "y_true, *, y_pred, lr)"),
        GOOD.replace("import torch", "import torch, sys\nassert len(sys.argv) == 1 and sys.argv[0] == __file__"),
        GOOD.replace("import torch", "import torch, argparse\nargparse.ArgumentParser().parse_args()"),
        GOOD + "\nif __name__ == '__main__':\n    1 / 0\n",
        GOOD.replace(
            "import torch", "import torch\nfrom dataclasses import dataclass\n@dataclass\nclass A:\n    a: 'int'"
        ),
    ],
)
def test_a_file_may_take_and_do_what_any_file_may(judge: Judge, source: str) -> None:
    assert judge(source).right


def test_other_arguments_are_told_as_they_are(session: Callable[..., StudentSession]) -> None:
    for source, said in (
        (
            GOOD.replace("lr)", "*, eta)"),
            "update must take (x, y_true, y_pred, lr), it takes (x, y_true, y_pred, *, eta)",
        ),
        (whole().replace("def predict(self, x)", "def predict(self)"), "predict must take (self, x), it takes (self)"),
        ("SimpleLinearRegression = 3", "SimpleLinearRegression is no class"),
        ("class SimpleLinearRegression: pass", "has none of the methods predict, mse_loss, update, fit"),
    ):
        with pytest.raises(StudentError) as caught:
            session(source)
        assert said in str(caught.value)


@pytest.mark.parametrize("name", ["student", "random", "json", "worker", "tui_linreg", "engine", "torch"])
def test_a_file_may_be_called_anything(tmp_path: Path, name: str) -> None:
    """A file beside it may, too, and is imported where its name is not that of a library."""
    beside = tmp_path / f"{name}.py"
    beside.write_text(whole())
    with Student(beside) as opened:
        assert judge_run(StudentSession(RunConfig(samples=110, train_size=9, epochs=1, device="cpu"), opened)).right
    if name in ("student", "worker", "engine"):
        for source in (f"from {name} import SimpleLinearRegression\n", f"import {name}\n"
                       f"class SimpleLinearRegression({name}.SimpleLinearRegression): pass\n"):  # fmt: skip
            (tmp_path / "grade.py").write_text(source)
            with Student(tmp_path / "grade.py") as opened:
                session = StudentSession(RunConfig(samples=110, train_size=9, epochs=1, device="cpu"), opened)
                assert judge_run(session).right


def test_an_edited_module_beside_the_file_is_noticed(student: Student, session: Callable[..., StudentSession]) -> None:
    helper = student.path.with_name("my_part.py")
    helper.write_text("def total(v): return v.sum()\n")
    source = GOOD.replace("import torch", "import torch, my_part").replace("d.sum(), torch", "my_part.total(d), torch")
    first = session(source)
    assert not student.changed()
    assert not differing(trained(first, 1).step(0))
    helper.write_text("def total(v): return v.max()\n")  # as long, and within the same second
    assert student.changed()
    student.reload()
    assert not student.changed()
    second = StudentSession(RunConfig(samples=120, epochs=3, device="cpu"), student)
    assert "grad_b" in differing(trained(second, 1).step(0))
    assert second.author != first.author
    helper.write_text("def total(v): return v.sum(\n")
    assert student.changed()
    with pytest.raises(StudentError, match="SyntaxError"):
        student.reload()
    helper.write_text("def total(v): return v.sum()\n")
    assert student.changed()  # although it could not be imported
    student.reload()
    assert not differing(trained(StudentSession(RunConfig(samples=120, device="cpu"), student), 1).step(0))


def test_what_is_printed_is_kept_with_its_step_and_bounded(session: Callable[..., StudentSession]) -> None:
    update = "print('m', len(x), '\\x1b[31m')\n" + RIGHT["update"]
    predict = "import sys\nprint('p', file=sys.stderr)\n" + RIGHT["predict"]
    source = "print('read')\n" + whole(update=update, predict=predict, fit="")
    ours = session(source, samples=103, train_size=100)
    ours.train_to(12)
    lines = ours.printed.lines()
    assert lines[0][2] == "read"
    assert lines[0].where == "when read"
    told = [(line.where, line.text) for line in lines if "update" in line.where]
    sizes = (33, 33, 33, 1) * 3
    assert told == [(f"step {i + 1} update", f"m {m} \x1b[31m") for i, m in enumerate(sizes)]
    assert ("step 1 predict", "p") in [(line.where, line.text) for line in lines]
    ours.step(2)  # computed again: it is not printed twice
    assert ours.printed.lines() == lines
    shown = list(words.printed_lines(lines, 3))
    assert len(shown) == 4
    assert shown[-1][1] == f"… {len(lines) - 3} more lines"
    assert all(text.isprintable() for _, text in shown)
    flood = "for i in range(10**4):\n    print('x' * 100)\n"
    flooded = session(whole(update=flood + RIGHT["update"], fit=""))
    flooded.train_to(12)
    lines = flooded.printed.lines()
    assert 0 < len(lines) <= 2000
    assert sum(len(line.text) for line in lines) < 200_000


def test_what_is_printed_before_an_error_is_kept(session: Callable[..., StudentSession]) -> None:
    ours = session(whole(update="print('here', len(x))\n1 / 0"))
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        ours.train_to(1)
    assert [(line.where, line.text) for line in ours.printed.lines()] == [("step 1 update", "here 33")]


def test_a_step_that_fails_ends_the_judging_and_is_told(judge: Judge) -> None:
    judgement = judge(whole(update="assert len(x) > 1\n" + RIGHT["update"]))
    assert (judgement.steps, judgement.right, judgement.right_parts) == (3, False, frozenset())
    assert words.wrong_text(judgement).startswith("step 4: mine.py, line ")


def test_judging_stops_when_asked_and_says_how_far_it_came(session: Callable[..., StudentSession]) -> None:
    asked = iter([False] * 4 + [True] * 100)
    judgement = judge_run(session(whole(fit=""), epochs=9), cancelled=lambda: next(asked))
    assert (judgement.steps, judgement.goal) == (5, 36)
    assert words.right_text(judgement) == "right over the first 5 of 36 steps"
    assert judgement.right_parts == frozenset()  # over the whole run is not known

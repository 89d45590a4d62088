"""The built-in lessons: every number in them recomputed, every documented solution judged right, every page fits."""

from __future__ import annotations

import re
import string
import textwrap
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import make_regression

from tui_linreg.engine.analysis.epoch_losses import epoch_rows
from tui_linreg.engine.analysis.instruments import Instruments
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import QUANTITIES, Phase
from tui_linreg.engine.step import Step, Verdict
from tui_linreg.engine.training.session import Session
from tui_linreg.study.lessons.answers import ChoiceAnswer, MistakeAnswer, NumberAnswer
from tui_linreg.study.lessons.conditions import ScreenFacts, TaskCondition
from tui_linreg.study.lessons.folder import BUILT_IN, built_in_lessons
from tui_linreg.study.lessons.lesson import Lesson, Start, Task
from tui_linreg.study.lessons.values import Wanted, true_value
from tui_linreg.tui.commands import COMMANDS
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.features.lessons.facts import VOCABULARY

LESSONS = built_in_lessons(VOCABULARY).lessons
TASKS = [(lesson, task) for lesson in LESSONS for task in lesson.tasks]
WIDTH, HEIGHT = 76, 15

ORDER = (
    "data-and-split", "the-model", "mse", "error-signal", "chain-rule-to-b", "chain-rule-to-w", "the-update",
    "mini-batches", "scratch-and-torch", "by-hand", "learning-rate", "find-the-mistake",
)  # fmt: skip


def names(task: object) -> str | None:
    return task.id if isinstance(task, Lesson | Task) else None


@cache
def session(config: RunConfig) -> tuple[Session, Instruments]:
    found = Session(replace(config, device="cpu"))
    return found, Instruments(found)


def typed(keys: tuple[str, ...]) -> str:
    """What keys write into a field, up to enter."""
    assert keys[-1] == "enter"
    characters = {"minus": "-", "full_stop": ".", "space": " "}
    text = [characters.get(key, key) for key in keys[:-1]]
    assert all(len(key) == 1 and key in string.printable for key in text)
    return "".join(text)


def lines(text: str) -> int:
    """Lines of a text in a narrow pane; paragraphs are filled, indented ones are not."""
    count = 0
    for block in re.split(r"\n\s*\n", text):
        code = block.startswith("    ")
        filled = block.splitlines() if code else textwrap.wrap(block.replace("\n", " "), WIDTH)
        assert all(len(line) <= WIDTH for line in filled)
        count += len(filled) + 1
    return count - 1


def test_they_are_there_in_their_order() -> None:
    assert built_in_lessons(VOCABULARY).problems == ()
    assert tuple(lesson.id for lesson in LESSONS) == ORDER
    assert len(list(BUILT_IN.glob("*.md"))) == len(LESSONS)
    for lesson in LESSONS:
        assert lesson.minutes == 5
        assert 2 <= len(lesson.pages) <= 3
        assert 2 <= len(lesson.needed) <= 6
        assert len(lesson.tasks) - len(lesson.needed) <= 1
        assert any(isinstance(task.check, TaskCondition) for task in lesson.tasks), "something is done in the app"


@pytest.mark.parametrize("lesson", LESSONS, ids=names)
def test_pages_and_tasks_fit(lesson: Lesson) -> None:
    for page in lesson.pages:
        assert lines(page.text) <= HEIGHT, page.title
    for task in lesson.tasks:
        options = task.check.options if isinstance(task.check, ChoiceAnswer) else ()
        assert lines(task.text) + len(options) <= HEIGHT
        assert all(len(text) <= 110 for text in (*task.hints, *options))


@pytest.mark.parametrize(("lesson", "task"), TASKS, ids=names)
def test_answers_are_right_and_documented(lesson: Lesson, task: Task) -> None:
    if isinstance(task.check, TaskCondition):
        assert task.solution or task.optional
        return
    assert task.solution
    run, instruments = session(task.config or lesson.config)
    start = task.start or lesson.start

    def truth(wanted: Wanted) -> float:
        return true_value(wanted, instruments, run, start.step - 1)

    text = typed(task.solution)
    if not isinstance(task.check, NumberAnswer):
        assert [each.key for each in task.check.listed if task.check.judge(each.key).right] == [text]
    if isinstance(task.check, MistakeAnswer):
        assert run.config.mistake == task.check.name
        assert lesson.hidden
    elif isinstance(task.check, NumberAnswer):
        assert task.check.judge(text, truth).right
        for other in ("1.7", "-8", "123456"):
            assert not task.check.judge(other, truth).right


BY_KEY = {key.strip(): command for command in COMMANDS for key in command.keys.split(",")}


def state(run: Session, cursor: Cursor, charts: tuple[int, ...], panel: str | None, dialog: str | None) -> ScreenFacts:
    run.train_to(cursor.step + 1)
    step = run.step(cursor.step)
    reached = [q.key for q in QUANTITIES if q.phase <= cursor.phase]
    return ScreenFacts(
        step=cursor.step + 1,
        epoch=step.place.epoch + 1,
        batch=step.place.batch + 1,
        m=step.place.m,
        phase=cursor.phase,
        trained=run.trained,
        diverged=run.timeline.first_overflow is not None,
        differs=any(step.comparisons[key].verdict is Verdict.DIFFERS for key in reached),
        charts=charts,
        panel=panel,
        dialog=dialog,
    )


def needs_the_app(task: Task) -> bool:
    """Whether what a task asks for is more than an engine and a cursor: it moves the line or changes the run."""
    check = task.check
    words = {part.word for group in check.groups for part in group} if isinstance(check, TaskCondition) else set()
    return not words.isdisjoint(("by_hand", "lr", "student"))


@pytest.mark.parametrize(("lesson", "task"), TASKS, ids=names)
def test_what_is_to_be_done_is_done_by_its_keys_and_not_before(lesson: Lesson, task: Task) -> None:
    """Plays the keys on the engine and the cursor; the screens' own test plays them in the app."""
    if not isinstance(task.check, TaskCondition) or needs_the_app(task):
        return
    run = Session(replace(task.config or lesson.config, device="cpu"))
    earlier = lesson.tasks[: lesson.tasks.index(task)]
    cursor, charts, panel, dialog = cursor_of(lesson.start), lesson.charts, lesson.panel, None
    for each in (*earlier, task):
        if each.start is not None:
            cursor = cursor_of(each.start)
        if not isinstance(each.check, TaskCondition) or needs_the_app(each):
            dialog = None
            continue
        if each is task:
            assert not task.check.holds(state(run, cursor, charts, panel, dialog)), "there is something to do"
        keys = list(each.solution)
        while keys:
            key = keys.pop(0)
            if key in ("d", "escape"):  # the derivation's key is not in the table yet
                dialog = "derivation" if key == "d" else None
                continue
            action, argument = BY_KEY[key].method, str(BY_KEY[key].argument)
            if action == "move":
                cursor = cursor.move(argument, run.schedule, run.trained)
            elif action == "chart":
                charts = (int(argument),)
            elif action == "panel":
                panel = argument
            elif action == "goto":
                cursor, keys = cursor.to(int(typed(tuple(keys))) - 1), []
            else:
                dialog = action
    assert task.check.holds(state(run, cursor, charts, panel, dialog))


def cursor_of(start: Start) -> Cursor:
    return Cursor(start.step - 1, start.phase)


def text_of(id_: str) -> str:
    lesson = next(lesson for lesson in LESSONS if lesson.id == id_)
    return "\n".join([*(page.text for page in lesson.pages), *(t.text + " ".join(t.hints) for t in lesson.tasks)])


def test_numbers_of_the_data() -> None:
    run, _ = session(RunConfig())
    data, text = run.dataset, text_of("data-and-split")
    *_, coefficient = make_regression(10_100, n_features=1, coef=True, random_state=0)
    assert f"y ≈ {data.true_bias:.4f} + {coefficient:.4f} x" in text
    assert (len(data.x_train), len(data.x_valid), run.config.noise) == (100, 10_000, 1.0)
    assert "10 100" in text
    assert "first 100 samples" in text
    assert "standard deviation of 1" in text


def test_numbers_of_the_small_runs() -> None:
    small = [lesson for lesson in LESSONS if lesson.config.train_size is not None]
    assert [lesson.id for lesson in small] == list(ORDER[1:7])
    for lesson in small:
        run, _ = session(lesson.config)
        # Where the factor 2/m matters it is not 1.
        assert {run.schedule.place(k).m for k in range(3)} == {2 if lesson.id == "the-model" else 3}
        assert lesson.blanked(1) == frozenset()
        assert lesson.blanked(2)

    def second(id: str) -> tuple[Session, Step]:
        run = session(next(lesson for lesson in small if lesson.id == id).config)[0]
        run.train_to(2)
        return run, run.step(1)

    _, step = second("mse")
    residuals = np.abs((step.scratch.y_pred - step.y).numpy())
    assert residuals.max() ** 2 > 0.99 * (residuals**2).sum(), "one square is nearly all of the sum"
    _, step = second("chain-rule-to-w")
    assert np.all((step.scratch.dloss_dpred * step.x).numpy() < 0), "all three products are negative"
    updated, step = second("the-update")
    assert step.scratch.grad_b < 0 < step.scratch.b_after
    assert "∂L/∂b is negative here, so b rises" in " ".join(
        hint for lesson in small if lesson.id == "the-update" for task in lesson.tasks for hint in task.hints
    )
    assert "Here it is 0.1" in text_of("the-update")
    assert updated.config.lr == 0.1


@pytest.mark.parametrize("lesson", LESSONS[1:7], ids=names)
def test_the_last_task_gives_a_new_batch_and_no_formula(lesson: Lesson) -> None:
    last = next(task for task in lesson.needed if task.id == "without-the-formula")
    assert last in lesson.needed[-2:]
    assert last.hide == {"inputs", "formula"}
    assert last.config is not None
    assert last.config.seed != lesson.config.seed
    assert last.start is not None
    assert last.start.step == 2, "its inputs are hidden from the second mini-batch on"


@pytest.mark.parametrize(("id_", "part"), [
    ("the-model", "predict"), ("mse", "mse loss"), ("error-signal", "dloss dpred"), ("chain-rule-to-b", "grad b"),
    ("chain-rule-to-w", "grad w"), ("the-update", "update"), ("mini-batches", "fit"),
])  # fmt: skip
def test_a_lesson_asks_to_write_what_it_taught(id_: str, part: str) -> None:
    last = next(lesson for lesson in LESSONS if lesson.id == id_).tasks[-1]
    assert last.optional
    assert isinstance(last.check, TaskCondition)
    assert [(each.word, each.value) for group in last.check.groups for each in group] == [("student", part)]


@pytest.mark.parametrize(("lesson", "task"), TASKS, ids=names)
def test_typical_wrong_answers_are_explained(lesson: Lesson, task: Task) -> None:
    """Of a choice every wrong option; of a number that is no quantity, whose slips the program knows, at least one."""
    check = task.check
    if isinstance(check, ChoiceAnswer):
        assert {at for at, _ in check.known} == set(range(len(check.options))) - {check.right}
    elif isinstance(check, NumberAnswer) and task.quantity is None and task.id != "the-smallest-η-that-diverges":
        assert check.known
    if isinstance(check, ChoiceAnswer) or (isinstance(check, NumberAnswer) and check.known):
        assert task.why, "and so is the right one"


def test_numbers_of_the_first_lesson() -> None:
    run, _ = session(RunConfig())
    places = [run.schedule.place(k) for k in range(run.schedule.batches)]
    rows = {row for place in places for row in range(place.start, place.stop)}
    assert (len(rows), len(places), places[0].m) == (100, 4, 33)


def test_numbers_of_the_update_on_paper() -> None:
    """The right answer and the wrong ones, each by what is said of it."""
    task = next(task for lesson in LESSONS for task in lesson.tasks if task.id == "on-paper")
    assert isinstance(task.check, NumberAnswer)
    x, y, b, w, lr = np.array([0.0, 1.0, 2.0]), np.array([3.0, 4.0, 8.0]), 0.0, 1.0, 0.1
    error = b + w * x - y
    grad_w = (2 / 3 * error * x).sum()
    assert w - lr * grad_w == pytest.approx(2)
    slips = [
        w + lr * grad_w, w - lr * (error * x).sum() / 3, w - lr * (error * x).sum(), w - lr * (2 * error * x).sum(),
        w - lr * (2 / 3 * error).sum(), w - lr * grad_w / 3, grad_w,
    ]  # fmt: skip
    assert [number for number, _ in task.check.known] == pytest.approx(slips, abs=0.001)


def test_numbers_of_mini_batches() -> None:
    other = session(RunConfig(train_size=250, batch_size=32, epochs=20))[0].schedule
    assert (other.batches, other.steps, other.place(7).m) == (8, 160, 26)
    run, instruments = session(RunConfig())
    schedule = run.schedule
    assert [schedule.place(k).m for k in range(schedule.batches)] == [33, 33, 33, 1]
    assert (schedule.epochs, schedule.steps) == (16, 64)
    run.train_to(64)
    losses = run.timeline.losses(0, 0, 4)
    row = epoch_rows(run.timeline, schedule, instruments.whole, 0, 1)[0]
    assert row.notebook == pytest.approx(losses.mean())
    assert row.weighted == pytest.approx((losses * [33, 33, 33, 1]).sum() / 100)


def test_the_double_mean_falls_all_the_same() -> None:
    run, _ = session(RunConfig(mistake="double-mean"))
    run.train_to(64)
    losses = [epoch.mse for epoch in run.epoch_log(0)]
    assert losses == sorted(losses, reverse=True)


def test_numbers_of_rounding() -> None:
    assert np.spacing(np.float64(1)) == 2.0**-52
    assert np.spacing(np.float32(1)) == 2.0**-23
    assert (np.finfo(np.float64).nmant + 1, np.finfo(np.float32).nmant + 1) == (53, 24)
    r = np.random.default_rng(0).standard_normal(1000)
    for length, same in ((33, False), (3, False), (32, True)):
        assert np.all(2 * r / length == (2 / length) * r) == same


def test_numbers_of_the_learning_rate() -> None:
    lesson = next(lesson for lesson in LESSONS if lesson.id == "learning-rate")
    assert lesson.config.batch_size == 100
    run = Session(replace(lesson.config, lr=20.0, device="cpu"))
    run.train_to(150)
    assert run.timeline.first_overflow is not None
    assert run.timeline.first_overflow > 1, "not at once"


def test_lesson_11_and_the_documents_name_all_mistakes_and_their_number() -> None:
    pages = LESSONS[-1].pages
    readme, changes = (
        " ".join((Path(__file__).parents[2] / name).read_text("utf-8").split())
        for name in ("README.md", "CHANGELOG.md")
    )
    paragraph = re.search(r"`--mistake NAME` makes .*? The verdicts", readme)
    assert paragraph is not None
    for where, listed in (
        ("lesson 12", re.findall(r"^    (\S+)  ", pages[1].text, flags=re.MULTILINE)),
        ("the README", re.findall(r"`([a-z0-9-]+)`", paragraph[0])),
    ):
        assert listed == list(MISTAKES), f"{where} lists {listed}"
    number = {8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}[len(MISTAKES)]
    said = f"{number} classic mistakes"
    for where, text in (("lesson 12", pages[0].text), ("the README", readme), ("the CHANGELOG", changes)):
        assert said in " ".join(text.casefold().split()), f"{where} must say {said!r}"


def test_the_hidden_runs_show_what_the_hints_say() -> None:
    lesson = LESSONS[-1]
    assert lesson.config.mistake == "no-x"
    first, _ = session(lesson.config)
    first.train_to(1)
    step = first.step(0)
    wrong = [q for q in QUANTITIES if step.comparisons[q.key].verdict is Verdict.DIFFERS]
    assert wrong[0].phase is Phase.WEIGHT_GRADIENT
    assert step.scratch.grad_w == pytest.approx(step.scratch.grad_b)
    short = lesson.tasks[2].config
    third = lesson.tasks[3].config
    assert short is not None
    assert third is not None
    second, _ = session(short)
    second.train_to(4)
    assert [second.step(k).verdict is Verdict.DIFFERS for k in range(4)] == [False, False, False, True]
    sides = second.step(3)
    assert sides.torch.dloss_dpred[0].item() == pytest.approx(33 * sides.scratch.dloss_dpred[0].item())
    sign, _ = session(third)
    sign.train_to(1)
    sides = sign.step(0)
    assert np.allclose(sides.torch.dloss_dpred.numpy(), -sides.scratch.dloss_dpred.numpy())

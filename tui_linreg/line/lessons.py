"""Lessons in sentences: the list, the pages, the tasks, their answers, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.line.lesson_text import task_text, text
from tui_linreg.line.moves import arrive
from tui_linreg.line.run import LineRun, Spot
from tui_linreg.line.state import State
from tui_linreg.line.words import number, sentence, spoken
from tui_linreg.study.lessons.answers import Answer, NumberAnswer, TaskJudgement
from tui_linreg.study.lessons.conditions import TaskCondition, plain
from tui_linreg.study.lessons.course import Course
from tui_linreg.study.lessons.facts import counts, run_facts
from tui_linreg.study.lessons.folder import load_lessons
from tui_linreg.study.lessons.lesson import Start, Task
from tui_linreg.study.lessons.values import question_of, true_value

_NO_LESSON = "No lesson is on: lesson lists them, lesson and a number begins one."
_KEYS = "Where a text names a key of the app, use a command here: help keys says which."


def lesson(state: State, rest: str) -> Iterator[str]:
    """List the lessons, begin one, or read on in the one that is on."""
    course, rest = state.course, rest.casefold()
    if rest == "list" or (not rest and course is None):
        yield from _list(state)
    elif rest.isdigit():
        yield from _begin(state, int(rest))
    elif course is None:
        yield _NO_LESSON
    elif rest in ("", "again"):
        yield from _read(course, again=rest == "again")
    elif rest == "leave":
        yield from leave(state)
    elif rest == "back":
        state.asking = state.round = None
        del state.runs[2:]
        yield "The lesson's run, where you left it."
        yield from state.run.where()
    else:
        raise InputError(f"lesson {quoted(rest)}: allowed is a number, list, again, back or leave")


def _list(state: State) -> Iterator[str]:
    lessons = load_lessons(state.lessons_folder)
    progress = state.keeper.progress
    for at, each in enumerate(lessons.lessons, 1):
        done = f"{progress.done_of(each)} of {len(each.needed)} tasks done"
        yield f"Lesson {at}: {spoken(each.title)}, {done}."
    for problem in lessons.problems:
        yield sentence(problem)
    yield "Begin one: lesson and its number."


def _begin(state: State, wanted: int) -> Iterator[str]:
    lessons = load_lessons(state.lessons_folder).lessons
    if not 1 <= wanted <= len(lessons):
        raise InputError(f"lesson {wanted}: there are lessons 1 to {len(lessons)}")
    chosen = lessons[wanted - 1]
    course = Course.resumed(chosen, wanted, len(lessons), state.keeper.progress)
    state.course, state.asking, state.round = course, None, None
    try:
        _load(state, course)
    except InputError:
        state.course = None
        del state.runs[1:]
        raise
    state.charts, state.panel = chosen.charts, chosen.panel
    yield f"Lesson {wanted} of {len(lessons)}: {spoken(chosen.title)}."
    yield _KEYS
    yield from _kept(state, course)
    if course.task is None:
        yield from _read(course, again=True)
    else:
        yield from task_text(course)


def _load(state: State, course: Course) -> None:
    """Load the run of the present task, and stand where it starts."""
    from tui_linreg.engine.training.session import Session

    config, planted, start = course.wanted_run()
    if "device" not in course.lesson.options:
        config = replace(config, device=state.runs[0].session.config.device)
    run = LineRun(Session(config, planted=planted), "lesson")
    state.runs[1:] = [run]
    _go_to(run, start)


def _go_to(run: LineRun, start: Start) -> None:
    run.go(Spot(min(start.step - 1, run.last), start.phase))


def _kept(state: State, course: Course) -> Iterator[str]:
    """Keep where the learner is, and say once what is wrong with keeping it."""
    keeper, lesson_id = state.keeper, course.lesson.id
    task_id = None if course.task is None else course.task.id
    if keeper.progress.left != (lesson_id, task_id):
        keeper.change(lambda progress: progress.left_at(lesson_id, task_id))
        yield from note(state)
    state.counts = counts(keeper.progress)


def note(state: State) -> Iterator[str]:
    """Yield what is wrong with the progress file, the first time it is."""
    if state.keeper.note and state.keeper.note != state.note:
        yield sentence(state.keeper.note)
    state.note = state.keeper.note


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(course: Course, *, again: bool) -> Iterator[str]:
    pages = course.lesson.pages
    if again:
        course.page = 0
    elif course.page is None or course.page + 1 >= len(pages):
        yield "These were all pages: lesson again reads them anew, task goes to the tasks."
        return
    else:
        course.page += 1
    assert course.page is not None
    page = pages[course.page]
    yield f"Page {course.page + 1} of {len(pages)}: {sentence(spoken(page.title))}"
    yield from text(page.text)
    yield "Next page: lesson." if course.page + 1 < len(pages) else "That was the last page. Go on: task."


# ── tasks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def task(state: State, rest: str) -> Iterator[str]:
    """Tell the task at hand, or begin the next."""
    course = state.course
    if rest not in ("", "next"):
        raise InputError(f"task {quoted(rest)}: allowed is nothing, or next")
    if course is None:
        yield _NO_LESSON
    elif course.task is not None and course.open and rest != "next":
        state.asking = None
        yield from task_text(course)
    elif course.over:
        yield f"Lesson {course.number} is finished. lesson {min(course.number + 1, course.count)} begins the next."
    else:
        yield from _next_task(state, course)


def _next_task(state: State, course: Course) -> Iterator[str]:
    following = course.following
    if following is None:
        if not course.lesson.needed:
            lesson_id = course.lesson.id
            state.keeper.change(lambda progress: progress.lesson_done(lesson_id))
            yield from note(state)
        course.end()
        end = course.lesson.end
        yield f"Lesson {course.number} is finished. lesson leave goes back to your own run."
        if end is not None:
            yield sentence(spoken(end.title))
            yield from text(end.text)
        return
    course.begin(following)
    state.asking, state.round = None, None
    state.charts, state.panel = course.lesson.charts, course.lesson.panel  # what was told before is not in sight
    yield from _kept(state, course)
    begun = course.task
    assert begun is not None
    if begun.config is not None:
        _load(state, course)
    else:
        del state.runs[2:]  # a hunt, or a run of one's own, that was begun meanwhile
        if begun.start is not None:
            _go_to(state.run, begun.start)
    yield from task_text(course)


def answer(state: State, rest: str) -> Iterator[str]:
    """Judge an answer to the task at hand."""
    course, run = state.course, state.run
    at = None if course is None else course.task
    if course is None or at is None or not course.open:
        yield "No task asks for an answer now." if course is not None else _NO_LESSON
        return
    if isinstance(at.check, TaskCondition):
        yield "This task is checked as you go: hint gives a hint."
        return
    if run.owner != "lesson":
        yield "Another run is on: hunt leave, or lesson back, goes to the lesson's run."
        return
    judgement = _judged(at.check, rest, run)
    if judgement is None:
        yield "That is none of the answers: task says them again."
        return
    if judgement.right:
        yield from _done(state, course, at, at.why or judgement.message)
    elif judgement.readable:
        message = spoken(judgement.message)
        yield sentence(message if message.casefold().startswith("no") else f"not right: {message}")
        yield "Hint, or another answer?"
    else:
        yield sentence(spoken(judgement.message))


def _judged(check: Answer, rest: str, run: LineRun) -> TaskJudgement | None:
    """Return what an answer is worth; None where it names nothing of the list."""
    if not isinstance(check, NumberAnswer):
        wanted = plain(rest)
        named = (each.key for each in check.listed if wanted in (each.key, plain(each.text.partition(":")[0])))
        key = next(named, None)
        return None if key is None else check.judge(key)
    said = re.sub(r"\bminus\s+", "-", rest)
    asked = question_of(check.wanted, run.session, run.at.step)
    return check.judge(said, lambda wanted: true_value(wanted, run.instruments, run.session, run.at.step), asked)


def _done(state: State, course: Course, at: Task, why: str = "") -> Iterator[str]:
    course.done("done")
    if course.named is not None and state.run.owner == "lesson":
        state.run.name_mistake(course.named)
    ids = [each.id for each in course.lesson.needed]
    state.keeper.change(lambda progress: progress.task_done(course.lesson.id, at.id, ids))
    left = sum(each.id not in course.finished for each in course.lesson.needed)
    yield "Right. Task done." if not isinstance(at.check, TaskCondition) else "Task done."
    if why:
        yield sentence(spoken(why))
    yield from note(state)
    if left:
        yield f"Open tasks: {left}. Next: task."
    else:
        yield "All tasks are done. Next: task, or lesson leave for your own run."


def check(state: State) -> Iterator[str]:
    """Yield that the task at hand is done, where what is told now fulfils it."""
    course = state.course
    if course is None or course.condition is None or course.task is None:
        return
    now = counts(state.keeper.progress)
    run = state.run
    facts = replace(
        run_facts(run.session, run.step, run.at.phase, (now[0] - state.counts[0], now[1] - state.counts[1])),
        charts=state.charts,
        panel=state.panel,
        dialog=state.dialog,
        ghosts=len(run.kept),
    )
    if run.hand is not None:
        facts = replace(facts, by_hand=True, train_loss=float(run.instruments.whole.at(*run.hand.place)))
    if course.condition.holds(facts):
        yield from _done(state, course, course.task)


def hint(state: State, course: Course) -> Iterator[str]:
    """Yield the next hint of the task at hand."""
    before = course.hints
    course.hint()
    at = course.task
    if at is None or not course.open:
        yield "Hints belong to a task that is open."
    elif course.hints == before:
        yield "These were all hints. task tells them again."
    else:
        yield f"Hint {course.hints} of {len(at.hints)}: {sentence(spoken(at.hints[course.hints - 1]))}"


def uncover(state: State, course: Course) -> Iterator[str]:
    """Show what is hidden of this mini-batch."""
    if state.run.owner == "lesson" and course.uncover(state.run.at.step):
        yield "Shown for this mini-batch; the task is still yours to answer."
        yield from arrive(state)
    else:
        yield "Nothing is hidden here."


def leave(state: State) -> Iterator[str]:
    """Leave the lesson, back to the user's own run."""
    state.course = state.asking = state.round = None
    state.charts, state.panel = (), None
    del state.runs[1:]
    yield f"Your own run again, learning rate {number(state.run.session.config.rates.at(state.run.at.step))}."
    yield from state.run.where()

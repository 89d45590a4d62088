"""The long jobs, as functions to be run in a thread: they post messages, poll `cancelled` and touch no widget."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from textual.message import Message

from tui_linreg.engine.analysis.kept_runs import KeptRuns
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.study.notebook.file import write_run
from tui_linreg.trace_file import write_trace
from tui_linreg.tui import loader
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.messages import Broken, Counted, Finished, Loaded, LoadingStage, Progressed, Refused, Result
from tui_linreg.tui.run import RunRequest
from tui_linreg.tui.view import RunFacts

if TYPE_CHECKING:
    from tui_linreg.engine.analysis.instruments import Instruments, Item
    from tui_linreg.engine.step import Step
    from tui_linreg.engine.training.session import Session
    from tui_linreg.engine.training.until import Condition

Post = Callable[[Message], object]
Job = Callable[[Cancelled], None]
Opened = Callable[[str], AbstractContextManager[TextIO]]
"""Gives the handle for a path."""


def load(request: RunRequest, post: Post) -> Job:
    """Return the job that makes a session and posts `Loaded`, or `Refused`."""

    def job(cancelled: Cancelled) -> None:
        try:
            session = loader.load(request, _reporter(post))
            # Another's update is never asked by a key: the step to stand at comes along.
            step = session.step(min(request.cursor.step, session.trained - 1)) if session.author is not None else None
        except InputError as error:
            post(Refused(error, request))
        else:
            facts = RunFacts.of(session)
            stopped = Finished(None, "loading stopped, this is the run from before")
            post(stopped if cancelled() else Loaded(request, session, facts, step))

    return guarded(job, post)


def reach(session: Session, cursor: Cursor, post: Post, kept_runs: KeptRuns) -> Job:
    """Return the job that trains until the cursor's step is there, the runs kept as well, and computes it."""

    def job(cancelled: Cancelled) -> None:
        first, step = session.trained, cursor.step
        with _keeping(session):
            session.train_to(step + 1, progress=_telling(post, first), cancelled=cancelled)
        trained = session.trained
        _follow(kept_runs, min(step, trained - 1), post, cancelled)
        if trained > step:
            post(Finished(session.step(step), "", cursor.phase))
        else:
            said = "" if session.failure else f"stopped at step {trained}; what was trained is kept"
            post(Finished(session.step(trained - 1), said))

    return guarded(job, post)


def search(session: Session, condition: Condition, start: int, post: Post, kept_runs: KeptRuns) -> Job:
    """Return the job that goes on from step `start` until `condition` holds, and trains the runs kept as far."""

    def job(cancelled: Cancelled) -> None:
        from tui_linreg.engine.training.until import (
            THE_END,
            run_until,
        )  # numpy, for which the first frame does not wait

        found, keep = None, list[int]()
        with _keeping(session):
            found = run_until(
                session, condition, start, progress=_telling(post, start), cancelled=cancelled, cut_back=keep.append
            )
        if found is None:
            post(Finished(session.step(session.trained - 1), ""))
            return
        _follow(kept_runs, found.step, post, cancelled)
        at_end = not cancelled() and found.step == session.schedule.steps - 1
        if found.met:
            said = "" if condition.text == THE_END else f"{condition.text}: step {found.step + 1}"
        elif cancelled():
            said = f"stopped at step {found.step + 1}; what was trained is kept"
        else:
            said = f"{condition.text}: not met before the end of the run"
        step, phase = session.step(found.step), Phase.UPDATE  # so that all of what was looked for is to be seen
        post(Finished(step, said, phase, keep=keep[0] if keep else None, at_end=at_end))

    return guarded(job, post)


@contextmanager
def _keeping(session: Session) -> Iterator[None]:
    """Go on with what was trained where the next step could not be done: the session says why."""
    try:
        yield
    except InputError as error:
        if session.failure is not error:
            raise


def _follow(kept_runs: KeptRuns, step: int, post: Post, cancelled: Cancelled) -> None:
    for kept_run, goal in kept_runs.behind(step):
        with _keeping(kept_run):
            kept_run.train_to(goal, progress=_telling(post, kept_run.trained), cancelled=cancelled)


def export(
    session: Session,
    path: str,
    verdicts: bool,
    post: Post,
    opened: Opened,
    went: str,
) -> Job:
    """Return the job that writes the trained steps to what `opened` gives for `path`; `went` says where that is."""

    def job(cancelled: Cancelled) -> None:

        steps = session.trained
        try:
            written = write_trace(
                session, path, steps=steps, verdicts=verdicts, progress=_telling(post, 0), cancelled=cancelled,
                opened=opened,
            )  # fmt: skip
        except InputError as error:
            post(Finished(None, f"✗ {error}"))
        else:
            said = f"{steps} steps {went}" if written else "export stopped, nothing written"
            post(Finished(None, said))

    return guarded(job, post)


def prepare(instruments: Instruments, item: Item, step: Step, post: Post, ready: Callable[[], None]) -> Job:
    """Return the job that works out an instrument, so that a screen may ask for it; then `ready` is called there."""

    def job(cancelled: Cancelled) -> None:
        instruments.prepare(item, step, cancelled)
        if not cancelled():
            post(Result(ready))

    return guarded(job, post, beside=True)


def export_code(session: Session, path: str, post: Post, opened: Opened, went: str) -> Job:
    """Return the job that writes the run as a notebook or a script; the rest as in `export`."""

    def job(cancelled: Cancelled) -> None:
        try:
            write_run(session, path, opened)
        except InputError as error:
            post(Finished(None, f"✗ {error}"))
        else:
            post(Finished(None, f"the run is {went}"))

    return guarded(job, post)


def count_bits(config: RunConfig, threads: int, steps: int, gate: Lock, question: Hashable, post: Post) -> Job:
    """Return the job that runs `config` on a session of its own and counts its identical steps.

    Args:
        config: the run.
        threads: how many torch computes with meanwhile.
        steps: how many steps to train and count.
        gate: held while that number of threads holds; nobody should start a thread then.
        question: handed back in `Counted`.
        post: takes the messages.
    """

    def job(cancelled: Cancelled) -> None:
        from tui_linreg.engine.analysis.identity import count_identity
        from tui_linreg.engine.device import number_of_threads
        from tui_linreg.engine.training.session import Session

        with gate:
            if cancelled():
                return
            with number_of_threads(threads):
                try:
                    session = Session(config)  # which keeps the number of threads that it begins with
                except InputError as error:
                    post(Refused(error, RunRequest(config)))
                    return
                session.train_to(steps, cancelled=cancelled)
                found = count_identity(session, progress=_telling(post, 0), cancelled=cancelled)
        if not cancelled():
            post(Counted(question, found))

    return guarded(job, post)


def _reporter(post: Post) -> Callable[[str], None]:
    def report(stage: str) -> None:
        post(LoadingStage(stage))

    return report


def _telling(post: Post, start: int) -> Progress:
    """Return what posts how far the work is, counted from `start`."""

    def tell(done: int, goal: int) -> None:
        post(Progressed(done - start, goal - start))

    return tell


def guarded(job: Job, post: Post, *, beside: bool = False) -> Job:
    """Return the job so that an error nobody foresaw is posted as `Broken`; `beside` says whose it is."""

    def safely(cancelled: Cancelled) -> None:
        try:
            job(cancelled)
        except Exception as error:  # a thread has nobody above it: the screen says what happened
            post(Broken(error, beside=beside))

    return safely

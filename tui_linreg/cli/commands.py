"""The commands as click reads them. torch, scikit-learn, numpy and textual are imported by what needs them."""

from __future__ import annotations

import click

from tui_linreg.cli import completion, notebook, progress, report, serve, step, student, train
from tui_linreg.cli.launch import open_app
from tui_linreg.cli.options import (
    CONTEXT,
    RunCommand,
    RunGroup,
    given,
    given_before,
    lessons_option,
    offer_files,
    run_options,
    student_option,
)
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.explain import PROGRAM
from tui_linreg.settings import describe
from tui_linreg.study.lessons.folder import load_lessons

_JSON = click.option(
    "--json", "as_json", is_flag=True,
    help="Print one JSON object instead, numbers unrounded; in it steps and epochs count from 0.",
)  # fmt: skip

_PLAIN = click.option(
    "--plain", is_flag=True, help="Sentences without tables and symbols, a fact each, for a screen reader."
)


@click.group(PROGRAM, cls=RunGroup, invoke_without_command=True, context_settings=CONTEXT,
             subcommand_metavar="[COMMAND [OPTIONS]]")  # fmt: skip
@lessons_option
@student_option
@run_options
@click.pass_context
def program(ctx: click.Context, /, lessons: str | None, student: str | None, **values: object) -> None:
    """Step through every mini-batch of gradient descent, from scratch and in PyTorch side by side.

    Without a command it opens the app. Options may stand before or after a command; after it they win.
    """
    ctx.obj = given(values)
    if ctx.invoked_subcommand is None:
        config = RunConfig.read(ctx.obj)
        if lessons is not None:
            load_lessons(lessons)  # what is wrong with the folder is said before the app opens
        ctx.exit(open_app(config, student=student, lessons=lessons))
    elif lessons is not None and ctx.invoked_subcommand not in ("step", "serve"):
        raise InputError(f"--lessons: is an option of the app; {ctx.invoked_subcommand} has no lessons")


@program.command("step", cls=RunCommand)
@click.option("--digits", metavar="N", help="Significant digits of numbers, 1 to 17. [default: 5]")
@lessons_option
@student_option
@run_options
@click.pass_obj
def _step(
    before: dict[str, str], /, digits: str | None, lessons: str | None, student: str | None, **values: object
) -> None:
    """Step through the run in sentences, without a picture.

    For a screen reader, a plain terminal or a pipe: it reads words, such as next, why or help, a line each, and
    answers in lines of at most 80 characters, without symbols. Lessons, predictions and hunts are there too.
    """
    config = RunConfig.read(before | given(values))
    step.step(config, digits=digits, lessons=given_before("lessons", lessons), student=given_before("student", student))


@program.command("train", cls=RunCommand)
@_JSON
@_PLAIN
@student_option
@run_options
@click.pass_obj
def _train(before: dict[str, str], /, as_json: bool, plain: bool, student: str | None, **values: object) -> None:
    """Print both models' epoch logs and the comparison, no screen."""
    config = RunConfig.read(before | given(values))
    _one_form(as_json, plain)
    train.train(config, as_json=as_json, plain=plain, student=given_before("student", student))


@program.command("trace", cls=RunCommand)
@click.option(
    "--out",
    shell_complete=offer_files,
    metavar="FILE",
    help="Where to: a name that ends in .csv, or in .jsonl with vectors too.",
)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--verdicts", is_flag=True, help="Add a verdict on each compared quantity.")
@student_option
@run_options
@click.pass_obj
def _trace(
    before: dict[str, str], /, out: str | None, force: bool, verdicts: bool, student: str | None, **values: object
) -> None:
    """Write every step of both models to a .csv or .jsonl file.

    Its columns count from 0: step, epoch, batch, start, stop. What is printed elsewhere counts from 1.
    """
    config = RunConfig.read(before | given(values))
    train.trace(config, out, force=force, verdicts=verdicts, student=given_before("student", student))


@program.command("report", cls=RunCommand)
@_JSON
@_PLAIN
@student_option
@run_options
@click.pass_obj
def _report(before: dict[str, str], /, as_json: bool, plain: bool, student: str | None, **values: object) -> None:
    """Print what the instruments say of a whole run, no screen."""
    config = RunConfig.read(before | given(values))
    _one_form(as_json, plain)
    report.report(config, as_json=as_json, plain=plain, student=given_before("student", student))


@program.command("notebook", cls=RunCommand)
@click.option("--out", metavar="FILE.ipynb", help="Write a Jupyter notebook.")
@click.option("--script", metavar="FILE.py", help="Write the same as a plain Python script.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@run_options
@click.pass_obj
def _notebook(before: dict[str, str], /, out: str | None, script: str | None, force: bool, **values: object) -> None:
    """Write the run as plain PyTorch that needs nothing of this program.

    Run with the versions that its first cell names, it has the same numbers to the last bit.
    """
    if given_before("student", None) is not None:
        raise InputError("--student: a notebook holds the program's own model; student --check runs your file")
    notebook.write(RunConfig.read(before | given(values)), out=out, script=script, force=force)


@program.command("serve", cls=RunCommand)
@click.option(
    "--host",
    default="127.0.0.1",
    metavar="ADDRESS",
    help="Where to listen; by default only this machine reaches it. There is no password: "
    "whoever reaches another address may use the app, but no file here. [default: 127.0.0.1]",
)
@click.option("--port", default=serve.PORT, type=str, metavar="N", help=f"The port. [default: {serve.PORT}]")
@click.option(
    "--max-sessions",
    default=serve.SESSIONS,
    type=str,
    metavar="N",
    help=f"How many may use it at a time; each takes some {serve.MEGABYTES} MB. [default: {serve.SESSIONS}]",
)
@lessons_option
@student_option
@run_options
@click.pass_obj
def _serve(
    before: dict[str, str],
    /,
    host: str,
    port: str,
    max_sessions: str,
    lessons: str | None,
    student: str | None,
    **values: object,
) -> int:
    """Show the app in a browser.

    Exports and pictures are downloads there; no file of this machine is read or written from the page. What you
    give here (--data, --student, --lessons) all visitors have. Nothing is kept of what they did.
    """
    texts = before | given(values)
    places = {"lessons": given_before("lessons", lessons), "student": given_before("student", student)}
    return serve.serve(texts, places, host=host, port=port, max_sessions=max_sessions)


@program.command("config", cls=RunCommand)
def _config() -> None:
    """Print the settings file's path and the keys that it can remap."""
    for line in describe():
        print(line)


@program.command("progress", cls=RunCommand)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead.")
@click.option("--reset", is_flag=True, help="Begin anew; a copy of the old progress is kept beside the file.")
def _progress(as_json: bool, reset: bool) -> None:
    """Print what is done of the lessons, the predictions and the mistakes found."""
    if as_json and reset:
        raise InputError("--json and --reset: give one of them, not both")
    if reset:
        progress.reset()
    else:
        progress.show(as_json=as_json)


@program.command("completion", cls=RunCommand)
@click.argument("shell", required=False, metavar="bash|zsh|fish", shell_complete=lambda *_: list(completion.SHELLS))
def _completion(shell: str | None) -> None:
    """Print what completes this command line in bash, zsh or fish, and where to put it."""
    print(completion.script(program, shell))


@program.command("student", cls=RunCommand)
@click.option(
    "--new",
    "new",
    shell_complete=offer_files,
    metavar="FILE.py",
    help="Write a new file to begin with; never over another one.",
)
@click.option(
    "--from-notebook",
    "notebook",
    shell_complete=offer_files,
    metavar="FILE.ipynb",
    help="With --new: take the class SimpleLinearRegression out of a notebook. It is read, not run.",
)
@click.option(
    "--check",
    "check",
    shell_complete=offer_files,
    metavar="FILE.py",
    help="Judge each part of a file over all steps of a run.",
)
@_PLAIN
@click.pass_obj
def _student(before: dict[str, str], /, new: str | None, notebook: str | None, check: str | None, plain: bool) -> int:
    """Begin or check a file with your own model: predict, mse_loss, update and fit.

    --student FILE.py then runs it in the place of the hand-written model. It may be the class
    SimpleLinearRegression, or no more than a function update(x, y_true, y_pred, lr).

    With --check the exit status is 0 when all that is written is right, 3 when a number is outside its bound or a part
    is not written yet, 2 when the file fails.
    """
    if (new is None) == (check is None):
        raise InputError("student: give --new FILE.py or --check FILE.py")
    if check is not None:
        if notebook is not None:
            raise InputError("--from-notebook: goes with --new FILE.py, which --check then judges")
        return student.check(check, RunConfig.read(before), plain=plain)
    student.new(new or "", notebook)
    return 0


def _one_form(as_json: bool, plain: bool) -> None:
    """Raise InputError where output is asked for in two forms."""
    if as_json and plain:
        raise InputError("--json and --plain: give one of them, not both")


def run(args: list[str]) -> int:
    """Run a command line and return its exit code."""
    if (code := completion.answer(program)) is not None:
        return code
    # Not through click's own main, which prints several lines for an error and swallows Ctrl+C.
    try:
        with program.make_context(PROGRAM, args) as ctx:
            result = program.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return result if isinstance(result, int) else 0

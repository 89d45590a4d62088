"""The commands as click reads them. torch, scikit-learn, numpy and textual are imported by what needs them."""

from __future__ import annotations

import click

from tui_linreg.cli import progress, report, student, train
from tui_linreg.cli.launch import open_app
from tui_linreg.cli.options import CONTEXT, RunCommand, RunGroup, given, given_student, run_options, student_option
from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.explain import PROGRAM
from tui_linreg.settings import describe
from tui_linreg.study.lessons.file import load_lessons

_JSON = click.option(
    "--json", "as_json", is_flag=True,
    help="Print one JSON object instead, numbers unrounded; in it steps and epochs count from 0.",
)  # fmt: skip


@click.group(PROGRAM, cls=RunGroup, invoke_without_command=True, context_settings=CONTEXT,
             subcommand_metavar="[COMMAND [OPTIONS]]")  # fmt: skip
@click.option("--lessons", metavar="FOLDER", help="More lessons, one .md file each; L in the app lists them.")
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
    elif lessons is not None:
        raise InputError(f"--lessons: is an option of the app; {ctx.invoked_subcommand} has no lessons")


@program.command("train", cls=RunCommand)
@_JSON
@student_option
@run_options
@click.pass_obj
def _train(before: dict[str, str], /, as_json: bool, student: str | None, **values: object) -> None:
    """Print both models' epoch logs and the comparison, no screen."""
    config = RunConfig.read(before | given(values))
    train.train(config, as_json=as_json, student=given_student(student))


@program.command("trace", cls=RunCommand)
@click.option("--out", metavar="FILE", help="Where to: a name that ends in .csv, or in .jsonl with vectors too.")
@click.option("--verdicts", is_flag=True, help="Add a verdict on each compared quantity.")
@student_option
@run_options
@click.pass_obj
def _trace(before: dict[str, str], /, out: str | None, verdicts: bool, student: str | None, **values: object) -> None:
    """Write every step of both models to a .csv or .jsonl file.

    Its columns count from 0: step, epoch, batch, start, stop. What is printed elsewhere counts from 1.
    """
    config = RunConfig.read(before | given(values))
    train.trace(config, out, verdicts=verdicts, student=given_student(student))


@program.command("report", cls=RunCommand)
@_JSON
@student_option
@run_options
@click.pass_obj
def _report(before: dict[str, str], /, as_json: bool, student: str | None, **values: object) -> None:
    """Print what the instruments say of a whole run, no screen."""
    config = RunConfig.read(before | given(values))
    report.report(config, as_json=as_json, student=given_student(student))


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


@program.command("student", cls=RunCommand)
@click.option("--new", "new", metavar="FILE.py", help="Write a new file to begin with; never over another one.")
@click.option(
    "--from-notebook",
    "notebook",
    metavar="FILE.ipynb",
    help="With --new: take the class SimpleLinearRegression out of a notebook. It is read, not run.",
)
@click.option("--check", "check", metavar="FILE.py", help="Judge each part of a file over all steps of a run.")
@click.pass_obj
def _student(before: dict[str, str], /, new: str | None, notebook: str | None, check: str | None) -> int:
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
        return student.check(check, RunConfig.read(before))
    student.new(new or "", notebook)
    return 0


def run(args: list[str]) -> int:
    """Run a command line and return its exit code."""
    # Not through click's own main, which prints several lines for an error and swallows Ctrl+C.
    try:
        with program.make_context(PROGRAM, args) as ctx:
            code = program.invoke(ctx)
    except click.exceptions.Exit as end:
        return end.exit_code
    return code if isinstance(code, int) else 0

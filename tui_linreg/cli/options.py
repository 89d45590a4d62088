"""The run's options as click sees them, generated from the one table of fields."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from tui_linreg import __version__
from tui_linreg.engine.config import DATASETS, DTYPES, FIELDS, RunConfig
from tui_linreg.engine.errors import InputError, printable, quoted
from tui_linreg.engine.field import DELIMITERS, Field
from tui_linreg.engine.models.arithmetic import FORMS
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.explain import PROGRAM

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_YES = "yes"
"""The text that a flag stands for."""
_SECTIONS = {
    "Server": ("host", "port", "max_sessions"),
    "Data": (
        "dataset",
        "data",
        "x",
        "y",
        "no_header",
        "delimiter",
        "decimal",
        "drop_missing",
        "samples",
        "noise",
        "train_size",
        "shuffle",
        "standardize",
    ),
    "Training": ("seed", "start", "lr", "epochs", "batch_size"),
    "Numbers": ("device", "dtype"),
    "From-scratch model": ("arithmetic", "mistake", "student"),
    "Studying": ("lessons",),
}
_METAVARS = {
    "dataset": "NAME",
    "data": "FILE.csv",
    "x": "COLUMN",
    "y": "COLUMN",
    "noise": "NUMBER",
    "start": "B,W",
    "delimiter": "WORD",
    "decimal": ".|,",
    "lr": "NUMBER",
    "device": "auto|cpu|cuda[:N]|mps",
    "dtype": "|".join(DTYPES),
    "arithmetic": "notebook|kernel|…",
    "mistake": "NAME",
}
_CHOSEN = {
    "dataset": "make_regression",
    "x": "bmi of diabetes",
    "delimiter": "as the file's rows tell",
    "start": "drawn from the seed; of tiny 1,-1",
    "train_size": "100; of tiny 6; of real data 80 % of the rows",
    "batch_size": "a third of the train size; of tiny 4",
}
"""What None stands for, where the field alone does not say."""
_OFFERED: dict[str, tuple[str, ...]] = {
    "dataset": DATASETS,
    "device": ("auto", "cpu", "cuda", "mps"),
    "dtype": DTYPES,
    "arithmetic": ("notebook", "kernel", *(form.name for form in FORMS)),
    "mistake": tuple(MISTAKES),
    "delimiter": tuple(DELIMITERS),
    "decimal": (".", ","),
}
"""What a shell may complete."""
_DEFAULTS = {field.name: field.default for field in dataclasses.fields(RunConfig)}

_HYPHEN, _UNBROKEN = re.compile(r"(?<=\w)-(?=\w)"), "\u2011"
"""A name such as error-signal is not broken over two lines."""

F = TypeVar("F", bound=Callable[..., Any])


class RunOption(click.Option):
    """One field of a run as an option; its value stays the text that was typed, for the field to parse."""

    def __init__(self, param_decls: Sequence[str], *, field: Field) -> None:
        default = _DEFAULTS[field.name]
        help_text = field.help
        if isinstance(default, bool):
            super().__init__(param_decls, is_flag=True, flag_value=_YES, type=str, help=help_text)
            return
        shown = _CHOSEN.get(field.name) if default is None else str(default)
        if shown is not None:
            help_text += f" [default: {shown}]"
        metavar = _METAVARS.get(field.name, "N")
        super().__init__(param_decls, type=str, metavar=metavar, help=help_text, shell_complete=_offered)


def _offered(_: click.Context, param: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return what may follow an option."""
    if param.name == "data":
        return offer_files(None, param, begun)
    return [CompletionItem(each) for each in _OFFERED.get(param.name or "", ()) if each.startswith(begun)]


def offer_files(_: object, __: object, begun: str) -> list[CompletionItem]:
    """Return that a file's name may follow; the shell knows which there are."""
    return [CompletionItem(begun, type="file")]


def offer_folders(_: object, __: object, begun: str) -> list[CompletionItem]:
    """Return that a folder's name may follow."""
    return [CompletionItem(begun, type="dir")]


def run_options(function: F) -> F:
    """Decorate a command with `--version` and all options of a run."""
    click.version_option(__version__, prog_name=PROGRAM, message="%(prog)s %(version)s")(function)
    for field in reversed(FIELDS.values()):
        click.option(field.option, field.name, cls=RunOption, field=field)(function)
    return function


def student_option(function: F) -> F:
    """Decorate a command with the option for a learner's own `update`."""
    return click.option(
        "--student",
        shell_complete=offer_files,
        metavar="FILE.py",
        help="Your own model in the place of the hand-written one, in a process of its own: no sandbox, run only what "
        "you trust.",
    )(function)


def lessons_option(function: F) -> F:
    """Decorate a command with the option for more lessons."""
    return click.option(
        "--lessons",
        shell_complete=offer_folders,
        metavar="FOLDER",
        help="More lessons, one .md file each; L in the app lists them.",
    )(function)


def given_before(name: str, after: str | None) -> str | None:
    """Return an option's text that stands after the command, else the one before it."""
    return after if after is not None else click.get_current_context().find_root().params.get(name)


def given(values: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of those options of a run that were given, by field name.

    Raises:
        InputError: when one is empty: to have it chosen, leave it out.
    """
    texts = {name: str(text) for name, text in values.items() if name in FIELDS and text is not None}
    for name, text in texts.items():
        if not (text if FIELDS[name].blanks else text.strip()):
            raise FIELDS[name].error(text)
    return texts


def write_sections(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the help of a command's options under headings: its own first, then those of a run."""
    section_of = {name: section for section, names in _SECTIONS.items() for name in names}
    sections: dict[str, list[tuple[str, str]]] = {section: [] for section in ("Output", *_SECTIONS, "Other")}
    for param in command.get_params(ctx):
        if (shown := param.get_help_record(ctx)) is not None:
            # `--version` and `--help` stop the parsing: they are no part of a run.
            section = "Other" if param.is_eager else section_of.get(param.name or "", "Output")
            sections[section].append(shown)
    # One width for all, so that the texts of every section start in one column.
    width = max(len(names) for rows in sections.values() for names, _ in rows)
    for section, rows in sections.items():
        if rows:
            with formatter.section(section):
                formatter.write_dl([(names.ljust(width), _HYPHEN.sub(_UNBROKEN, text)) for names, text in rows])
    formatter.buffer = [part.replace(_UNBROKEN, "-") for part in formatter.buffer]


@contextmanager
def _with_context(ctx: click.Context) -> Iterator[None]:
    """Give a usage error its context: click's parser leaves it out of some, and the message needs it."""
    try:
        yield
    except click.UsageError as error:
        if error.ctx is None:
            error.ctx = ctx
        raise


def _as_data(name: str, command: str) -> str:
    """Return how the file of this name is read; an empty text where it is none."""
    if not name.lower().endswith((".csv", ".tsv", ".txt", ".dat")) and not os.path.isfile(name):  # noqa: PTH113  # never raises
        return ""
    return f"to read a file: {command} --data {printable(shlex.quote(name))}"


class RunCommand(click.Command):
    """A command whose help has sections and that names an argument it does not know."""

    allow_extra_args = True  # so that they are refused below, in one line

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options.

        Raises:
            InputError: when something is left over.
        """
        with _with_context(ctx):
            rest = super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:  # which a shell that completes asks for
            hint = _as_data(ctx.args[0], ctx.command_path) or f"{ctx.command_path} takes options only"
            raise InputError(f"unexpected argument {quoted(ctx.args[0])}; {hint}")
        return rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by section."""
        write_sections(self, ctx, formatter)


def _first_sentence(command: click.Command) -> str:
    return (command.help or "").partition("\n\n")[0].strip()


class RunGroup(click.Group):
    """The program itself: help with sections, and one line for an unknown command."""

    command_class = RunCommand

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options that stand before a command."""
        with _with_context(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command by its name.

        Raises:
            InputError: when there is none of that name.
        """
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            names = self.list_commands(ctx)
            near = get_close_matches(args[0], names, n=1)
            known = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(names)}"
            hint = _as_data(args[0], ctx.command_path) or known
            raise InputError(f"no command {quoted(args[0])}; {hint}")
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options by section."""
        commands = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            # click's own list cuts a sentence that is longer than the line.
            formatter.write_dl([(name, _first_sentence(command)) for name, command in commands if command is not None])
        write_sections(self, ctx, formatter)

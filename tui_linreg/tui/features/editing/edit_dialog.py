"""The form of a run's options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.errors import InputError
from tui_linreg.tui.dialogs.base import FORM_KEYS, Dialog, Hint
from tui_linreg.tui.dialogs.controls import Choice, Row, TextField
from tui_linreg.tui.features.editing.form import (
    DATA_FIELDS,
    FORM_FIELDS,
    SOURCES,
    TRAINING_FIELDS,
    Reading,
    applies,
    carried,
    choices,
    hint,
    in_form,
    placeholder,
    read_form,
    source_of,
)


@dataclass(frozen=True, slots=True)
class EditResult:
    """What was asked for."""

    config: RunConfig
    texts: Mapping[str, str]
    """As typed; give them back to `EditDialog` when the data turns out not to fit."""


class EditDialog(Dialog[EditResult | None]):
    """Ask for the options of a new run; None when cancelled.

    Args:
        config: the present options.
        preview: what says in a line or two what options will do; None leaves that line empty.
        texts: what to show instead of them: the `texts` of an earlier `EditResult`.
        error: why these could not be had, shown beside its field until something is changed.
        devices: those that are there.
        applying: what applying does to the present run.
        paths: whether the path of a CSV file can be typed.
        file: where it cannot, the only CSV file there is; None: there is none.
    """

    NAME = "edit"
    BINDINGS: ClassVar[list[BindingType]] = [
        *FORM_KEYS,
        Binding("right", "column(1)", "next column", show=False, tooltip="Field in the next column"),
        Binding("left", "column(-1)", "previous column", show=False, tooltip="Field in the column before"),
    ]
    HEADING = "Edit the run"
    HINTS: ClassVar[tuple[Hint, ...]] = (
        ("enter", "apply", "screen.apply"),
        ("esc", "cancel", "screen.cancel"),
        ("↑ ↓", "field", "app.focus_next"),
        ("← →", "choice/column", ""),
    )
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-short"), (34, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        config: RunConfig,
        *,
        preview: Callable[[RunConfig], str] | None = None,
        texts: Mapping[str, str] | None = None,
        error: InputError | None = None,
        devices: Sequence[str] = ("cpu",),
        applying: str = "the present one is forgotten unless p kept it",
        paths: bool = True,
        file: str | None = None,
    ) -> None:
        super().__init__()
        given = dict(config.as_texts() if texts is None else texts)
        self._texts = RunConfig().as_texts() | given
        self._unseen = () if paths else ("data",)
        self._sources = [source for source in SOURCES if paths or file or source[0] != "csv"]
        if not paths:
            self._texts["data"] = file or ""
        self._kept = carried(given)
        self._preview = preview
        self._devices = devices
        self._applying = applying
        self._source = source_of(given)
        self._named = given.get("dataset") == "make_regression"
        self._error = error
        self._wrong: dict[str, str] = {}
        """By field what is wrong, "" for none of them."""
        self._foretold = ""

    def contents(self) -> Iterable[Widget]:
        yield Row("source", "data source", Choice(self._sources, self._source, id="source"))
        with Horizontal(id="columns"):
            with Vertical(classes="column", id="training-column"):
                yield Static("Training", classes="section")
                yield from (self._row(name) for name in TRAINING_FIELDS)
            with Vertical(classes="column"):
                yield Static("Data", classes="section")
                yield from (self._row(name) for name in DATA_FIELDS)

    def _row(self, name: str) -> Row:
        text = self._texts.get(name, "")
        value = text.strip()
        known = {"true": "yes", "1": "yes", "false": "no", "0": "no"}.get(value.lower(), value)
        options = choices(name, known, self._devices)
        if options is not None:
            control: Choice | TextField = Choice(options, known)
        else:
            control = TextField(text, placeholder(name, self._source), replace=True)
        return Row(name, FIELDS[name].label, control)

    def fixed(self) -> Iterable[Widget]:
        yield Static("", id="hint", markup=False)
        yield Static("", id="preview", markup=False)
        yield Static(f"! applying starts a new run; {self._applying}", id="new-run", markup=False)

    def on_mount(self) -> None:
        self._show()
        wrong = None if self._error is None else self._error.field
        self.rows[wrong if wrong in FORM_FIELDS and wrong not in self._unseen else "lr"].control.focus()

    @property
    def rows(self) -> dict[str, Row]:
        """The rows by field name, top to bottom."""
        return {row.field: row for row in self.query(Row)}

    def on_descendant_focus(self) -> None:
        """Say something about the field in which one types."""
        row = next((row for row in self.query(Row) if row.control.has_focus), None)
        if row is not None:
            self.query_one("#hint", Static).update("  " + hint(row.field, self._source))
            self._say(row.field)

    @on(Choice.Changed)
    @on(TextField.Changed)
    def check(self) -> None:
        """Check everything after each change."""
        self._source = self.query_one("#source", Choice).value
        self._show()
        self.on_descendant_focus()

    def _read(self) -> Reading:
        typed = {name: row.text for name, row in self.rows.items() if name != "source"}
        typed |= {name: self._texts[name] for name in self._unseen}
        return read_form(self._source, typed, self._named, self._kept)

    def _show(self) -> Reading:
        """Show the fields that apply, mark those that are wrong, and say below them what is: so no field moves."""
        reading = self._read()
        errors = dict(reading.errors)
        if self._error is not None and reading.config is not None and not self._changed(reading):
            errors[self._error.field or ""] = in_form(self._error)
        rows = self.rows
        for name in FORM_FIELDS:
            row = rows[name]
            row.display = applies(name, self._source) and name not in self._unseen
            row.say(errors.get(name, "") if row.display else "")
            if isinstance(row.control, TextField):
                row.control.placeholder = placeholder(name, self._source)
        hidden = {name for name, row in rows.items() if not row.display} - set(self._unseen)
        self._wrong = {name: text for name, text in errors.items() if name not in hidden}
        self._foretold = "" if reading.config is None or self._preview is None else self._preview(reading.config)
        self._say(next((row.field for row in rows.values() if row.control.has_focus), ""))
        return reading

    def _say(self, here: str) -> None:
        """Say what is wrong, first with the field in which one types, or what the options will do."""
        wrong = sorted(self._wrong.items(), key=lambda item: item[0] != here)
        texts = [f"✗ {FIELDS[name].label}: {text}" if name in FIELDS else f"✗ {text}" for name, text in wrong]
        below = self.query_one("#preview", Static)
        below.update("\n".join(texts) or self._foretold)
        below.set_class(bool(texts), "-wrong")

    def _changed(self, reading: Reading) -> bool:
        """Say whether something was changed since the data refused what was asked for; then its error is stale."""
        return any(text != self._texts.get(name, "") for name, text in reading.texts.items() if name in FORM_FIELDS)

    def action_column(self, by: int) -> None:
        """Go to the field beside this one in the next column, or with -1 in the one before, where there is one."""
        here = next((row for row in self.query(Row) if row.control.has_focus), None)
        if here is None:
            return
        beside = [
            row
            for row in self.query(".column Row").results(Row)
            if row.display and (row.region.x - here.region.x) * by > 0 and here.field != "source"
        ]
        if beside:
            min(beside, key=lambda row: abs(row.region.y - here.region.y)).control.focus()
        elif isinstance(here.control, TextField):
            here.control.cursor_position = len(here.control.value) if by > 0 else 0

    def action_apply(self) -> None:
        """Return the options, or go to the first field that is wrong.

        What the data refused may be asked for again: a file can have changed since.
        """
        reading = self._show()
        if reading.config is not None:
            self.dismiss(EditResult(reading.config, reading.texts))
            return
        wrong = next((name for name in FORM_FIELDS if name in reading.errors), None)
        if wrong is not None:
            self.rows[wrong].control.focus()

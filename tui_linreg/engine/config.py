"""What decides a run: every option with its parser and what it allows, and `RunConfig`. Importable without torch."""

from __future__ import annotations

import os.path
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from tui_linreg.engine.data.tiny import BATCH_SIZE, LEARNING_RATE
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.field import (
    Field,
    Pair,
    Value,
    delimiter,
    flag,
    is_delimiter,
    is_device,
    is_number,
    is_pair,
    is_text,
    is_whole,
    number,
    pair,
    plain,
    text_of,
    whole,
)
from tui_linreg.engine.models import arithmetic
from tui_linreg.engine.models.arithmetic import canonical
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.rates import Rates, is_rate
from tui_linreg.engine.schedule import default_batch_size

DATASETS = ("make_regression", "diabetes", "tiny")
DTYPES = ("float64", "float32")
LARGEST_COUNT = 10**9
LARGEST_SAMPLES = 10**8
LARGEST_SEED = 2**32 - 1

_SHORT_NAMES = [name for name in MISTAKES if "-" not in name]  # help breaks lines at hyphens


def _is_arithmetic(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(arithmetic.canonical(value))
    except ValueError:
        return False


def _is_rates(value: object) -> bool:
    if not isinstance(value, str):
        return is_rate(value)
    try:
        return "@" in value and bool(Rates.parse(value))  # a number must be one, not its text
    except ValueError:
        return False


_count = f"a whole number from 1 to {LARGEST_COUNT:,}".replace(",", " ")
_samples = f"a whole number from 2 to {LARGEST_SAMPLES:,}".replace(",", " ")

FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("dataset", "dataset", "one of " + ", ".join(DATASETS),
              "Built-in data: make_regression, diabetes or tiny.",
              str, lambda v: v in DATASETS, optional=True),
        Field("data", "CSV file", "the path of a CSV file", "A CSV file (UTF-8, header row) instead of built-in data.",
              os.path.expanduser, is_text, optional=True),
        Field("x", "x column", "a column name or number", "The feature: a column name or its number, from 1.",
              str, is_text, optional=True),
        Field("y", "y column", "a column name or number", "The target (CSV only): a column name or its number.",
              str, is_text, optional=True),
        Field("no_header", "no header row", "yes or no",
              "The CSV file's first row holds data; columns go by number.", flag, lambda v: isinstance(v, bool)),
        Field("delimiter", "delimiter", "comma, semicolon, tab, space, pipe or one character that no number has",
              "Between the CSV file's cells: comma, semicolon, tab, space, pipe, …",
              delimiter, is_delimiter, optional=True, blanks=True),
        Field("decimal", "decimal sign", "a point or a comma: . or ,", "The CSV file's decimal sign, . or a comma.",
              str, lambda v: v in (".", ",")),
        Field("drop_missing", "drop missing", "yes or no", "Leave out the CSV file's rows that lack x or y.",
              flag, lambda v: isinstance(v, bool)),
        Field("seed", "seed", f"a whole number from 0 to {LARGEST_SEED}", "Fixes the data and the start.",
              whole, is_whole(0, LARGEST_SEED)),
        Field("samples", "samples", _samples, "Samples that make_regression makes.",
              whole, is_whole(2, LARGEST_SAMPLES)),
        Field("train_size", "train size", _count, "Rows that train, the rest validates.",
              whole, is_whole(1, LARGEST_COUNT), optional=True),
        Field("noise", "noise", "a finite number, 0 or more", "Standard deviation of make_regression's noise.",
              number, is_number(lambda v: v >= 0)),
        Field("lr", "learning rate η",
              "a finite number above 0, or such numbers at rising steps, the first at step 1, as in 0.1@1,0.01@65",
              "Learning rate η; 0.1 for tiny. 0.1@1,0.01@65 is 0.1 from step 1 on, 0.01 from step 65 on.",
              lambda text: Rates.parse(text).value, _is_rates),
        Field("start", "start b, w", "two finite numbers with a comma between them, b and w, such as 1,-0.5",
              "The b and w that both models start from.", pair, is_pair, optional=True),
        Field("epochs", "epochs", _count, "Passes over the train set.", whole, is_whole(1, LARGEST_COUNT)),
        Field("batch_size", "batch size", _count, "Samples in a mini-batch; the last of an epoch may be shorter.",
              whole, is_whole(1, LARGEST_COUNT), optional=True),
        Field("device", "device", "auto, cpu, cuda, cuda:N or mps", "Where the tensors live.", str, is_device),
        Field("dtype", "dtype", "float64 or float32", "Precision of every number.", str, lambda v: v in DTYPES),
        Field("shuffle", "shuffle rows", "yes or no", "Shuffle the rows once, seeded, before the split.",
              flag, lambda v: isinstance(v, bool)),
        Field("standardize", "standardize", "yes or no", "Scale x and y by the train rows' mean and deviation.",
              flag, lambda v: isinstance(v, bool)),
        Field("arithmetic", "arithmetic", arithmetic.ALLOWED,
              "How the from-scratch model rounds: as the notebook writes its formulas, or as torch's kernels do "
              "(all, or some of " + ", ".join(form.name for form in arithmetic.FORMS) + " joined by +).",
              arithmetic.canonical, _is_arithmetic),
        Field("mistake", "mistake", "one of " + ", ".join(MISTAKES),
              f"Make the from-scratch model wrong on purpose: {', '.join(_SHORT_NAMES)}, …; an unknown NAME lists all.",
              str, lambda v: isinstance(v, str) and v in MISTAKES, optional=True),
    )
}  # fmt: skip


_FLOAT32_LARGEST = 3.4028234663852886e38


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """The options of one run. They fix its data, its start and the order of its mini-batches.

    The last bits of its numbers also depend on torch's build, the CPU's capability and the number of threads, which
    `Session.computed_by` names. Where these are equal too, two equal configurations give the same bits.

    Raises:
        InputError: when a value is not allowed, or two values exclude each other. What depends on the data (train size
            against the number of rows, a column's name) is checked when the data is loaded.
    """

    dataset: str | None = None
    """One of `DATASETS`; None means make_regression, or the file when `data` is given."""
    data: str | None = None
    """Path of a CSV file."""
    x: str | None = None
    y: str | None = None
    no_header: bool = False
    """Whether the file's first row is data; its columns go by number then."""
    delimiter: str | None = None
    """A word of `tui_linreg.engine.field.DELIMITERS` or a character, made canonical; None: as the file's rows tell."""
    decimal: str = "."
    drop_missing: bool = False
    """Whether rows without a value in x or y are left out; otherwise they are refused."""
    seed: int = 0
    samples: int = 10_100
    train_size: int | None = None
    """None: 100 for make_regression, 6 for tiny, the first 80 % of the rows for real data."""
    noise: float = 1.0
    lr: float | str = 0.01
    """A number, or where it changes on the way a text that `Rates.parse` reads, made canonical: see `rates`. A change
    beyond the last step waits for more epochs. Where none is typed, `read` takes 0.1 for tiny, with which its numbers
    stay short."""
    start: Pair | None = None
    """b and w before the first step, each rounded to the dtype; None: the recipe's, which is drawn from the seed."""
    epochs: int = 16
    batch_size: int | None = None
    """None: a third of the train set, at least 1; 4 for tiny. See `batch_size_for`."""
    device: str = "auto"
    dtype: str = "float64"
    shuffle: bool = False
    standardize: bool = False
    arithmetic: str = "notebook"
    """Which formulas of the from-scratch model are in kernel form, as `Arithmetic.parse` reads it; made canonical."""
    mistake: str | None = None
    """A name in `MISTAKES`: the from-scratch model is wrong in that way. None: it is right."""

    def __post_init__(self) -> None:
        """Check every value alone, then together; NumPy's numbers and paths become Python's own."""
        for name in FIELDS:
            object.__setattr__(self, name, plain(getattr(self, name)))
        for field in FIELDS.values():
            field.validate(getattr(self, field.name))
        object.__setattr__(self, "arithmetic", canonical(self.arithmetic))  # so that what runs alike is equal
        object.__setattr__(self, "lr", self.rates.value if isinstance(self.lr, str) else self.lr)
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", delimiter(self.delimiter))
        if self.start is not None:
            object.__setattr__(self, "start", tuple(map(float, self.start)))  # a list, as JSON has it
        self._check_source()
        self._check_float32()

    def _check_float32(self) -> None:
        if self.dtype == "float32" and max(self.rates.lrs) > _FLOAT32_LARGEST:
            raise InputError(f"--lr {self.lr}: must be at most {_FLOAT32_LARGEST} with --dtype float32", field="lr")
        if self.dtype == "float32" and max(map(abs, self.start or (0.0,))) > _FLOAT32_LARGEST:
            raise InputError(
                f"--start {text_of(self.start)}: must be numbers of at most {_FLOAT32_LARGEST} with --dtype float32",
                field="start",
            )

    def batch_size_for(self, n_train: int) -> int:
        """Return the batch size of a run with so many train samples."""
        chosen = self.batch_size or (BATCH_SIZE if self.source == "tiny" else default_batch_size(n_train))
        return min(chosen, n_train)

    @property
    def source(self) -> str:
        """Where the data comes from: "make_regression", "diabetes", "tiny" or "csv"."""
        return "csv" if self.data is not None else (self.dataset or "make_regression")

    @property
    def rates(self) -> Rates:
        """The learning rate of every step."""
        return Rates.of(self.lr)

    def _check_source(self) -> None:
        if self.data is not None and self.dataset is not None:
            raise InputError("--data and --dataset: give one of them, not both", field="data")
        made = self.source == "make_regression"
        default = {field.name: field.default for field in fields(self)}
        for name in ("samples", "noise"):
            if not made and getattr(self, name) != default[name]:
                raise InputError(f"--{name}: only for make_regression, this run reads {self.source} data", field=name)
        if self.source in ("make_regression", "tiny") and self.x is not None:
            raise InputError(f"--x: only for --data or --dataset diabetes, {self.source} has one feature", field="x")
        if self.source != "csv" and self.y is not None:
            raise InputError(f"--y: only for --data, {self.source} has one target", field="y")
        for name in _OF_A_FILE:
            if self.source != "csv" and getattr(self, name) != default[name]:
                raise InputError(f"{FIELDS[name].option}: only for --data, a CSV file", field=name)
        if made and self.train_size is not None and self.train_size >= self.samples:
            raise InputError(
                f"--train-size {self.train_size}: must be below --samples {self.samples}, the rest validates",
                field="train_size",
            )
        if made and self.train_size is None and self.samples <= DEFAULT_TRAIN_SIZE:
            raise InputError(
                f"--samples {self.samples}: must be above {DEFAULT_TRAIN_SIZE}, the train size, unless --train-size "
                "is smaller",
                field="samples",
            )

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> RunConfig:
        """Return the configuration that option texts (as typed, by field name) stand for.

        Raises:
            InputError: with its `field` set, for the first text that is wrong.
        """
        values: dict[str, Value] = {name: FIELDS[name].read(text) for name, text in texts.items()}
        if values.get("dataset") == "tiny":
            values.setdefault("lr", LEARNING_RATE)
        return cls(**values)  # type: ignore[arg-type]  # each field's own parser gave the value

    def as_json(self) -> dict[str, Value]:
        """Return the fields as a JSON-ready dictionary; `RunConfig(**it)` is equal, also after a way through JSON."""
        return asdict(self)

    def as_texts(self) -> dict[str, str]:
        """Return the fields as texts that `read` turns back into an equal configuration; what is None is left out."""
        return {name: text_of(value) for name, value in self.as_json().items() if value is not None}

    def as_arguments(self) -> list[str]:
        """Return the options of a command line that stand for this configuration; what is usual is left out."""
        usual = RunConfig().as_texts() | ({"lr": text_of(LEARNING_RATE)} if self.source == "tiny" else {})
        arguments: list[str] = []
        for name, text in self.as_texts().items():
            if text != usual.get(name):
                flag_alone = isinstance(getattr(self, name), bool)
                arguments += [FIELDS[name].option] if flag_alone else [FIELDS[name].option, text]
        return arguments


_OF_A_FILE = ("no_header", "delimiter", "decimal", "drop_missing")
DEFAULT_TRAIN_SIZE = 100
"""Train rows of make_regression unless told otherwise, as in the notebook."""

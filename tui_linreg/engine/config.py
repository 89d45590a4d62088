"""`RunConfig`: everything that decides a run, validated, immutable, importable without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from tui_linreg.engine.data.tiny import LEARNING_RATE
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.fields import FIELDS, Value
from tui_linreg.engine.models.arithmetic import canonical

_FLOAT32_LARGEST = 3.4028234663852886e38


@dataclass(frozen=True, slots=True, kw_only=True)
class RunConfig:
    """The options of one run. Two equal configurations on one machine give the same bits.

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
    seed: int = 0
    samples: int = 10_100
    train_size: int | None = None
    """None: 100 for make_regression, 6 for tiny, the first 80 % of the rows for real data."""
    noise: float = 1.0
    lr: float = 0.01
    """Where none is typed, `read` takes 0.1 for tiny, with which its numbers stay short."""
    epochs: int = 16
    batch_size: int | None = None
    """None: a third of the train set, at least 1."""
    device: str = "auto"
    dtype: str = "float64"
    shuffle: bool = False
    standardize: bool = False
    arithmetic: str = "notebook"
    """Which formulas of the from-scratch model are in kernel form, as `Arithmetic.parse` reads it; made canonical."""
    mistake: str | None = None
    """A name in `MISTAKES`: the from-scratch model is wrong in that way. None: it is right."""

    def __post_init__(self) -> None:
        """Check every value alone, then together."""
        for field in FIELDS.values():
            field.validate(getattr(self, field.name))
        object.__setattr__(self, "arithmetic", canonical(self.arithmetic))  # so that what runs alike is equal
        self._check_source()
        if self.dtype == "float32" and self.lr > _FLOAT32_LARGEST:
            raise InputError(f"--lr {self.lr}: must be at most {_FLOAT32_LARGEST} with --dtype float32", field="lr")

    @property
    def source(self) -> str:
        """Where the data comes from: "make_regression", "diabetes", "tiny" or "csv"."""
        return "csv" if self.data is not None else (self.dataset or "make_regression")

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
        """Return the fields as a JSON-ready dictionary."""
        return asdict(self)


DEFAULT_TRAIN_SIZE = 100
"""Train rows of make_regression unless told otherwise, as in the notebook."""

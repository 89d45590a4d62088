"""The data of a run: loaded, shuffled, split, scaled, and moved to the device."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tui_linreg.engine.config import DEFAULT_TRAIN_SIZE, RunConfig
from tui_linreg.engine.data.csv_file import CsvOptions, read_columns
from tui_linreg.engine.data.tiny import N_TRAIN, tiny_samples
from tui_linreg.engine.device import DTYPES, one_thread_at_a_time
from tui_linreg.engine.errors import InputError, quoted
from tui_linreg.engine.field import DELIMITERS

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How standardised data came from the original: z = (v − mean) / deviation, of the train rows."""

    x_mean: float
    x_deviation: float
    y_mean: float
    y_deviation: float

    def to_original(self, b: float, w: float) -> tuple[float, float]:
        """Return (b, w) of the same line in the original units: y = b + w x."""
        slope = w * self.y_deviation / self.x_deviation
        return self.y_mean + self.y_deviation * b - slope * self.x_mean, slope


@dataclass(frozen=True, slots=True)
class Dataset:
    """Train and validation samples, each a tensor of shape (n,) on the run's device."""

    name: str
    """What the user asked for; may hold text from outside, to be shown as text."""
    x_name: str
    y_name: str
    x_train: Tensor
    y_train: Tensor
    x_valid: Tensor
    y_valid: Tensor
    true_bias: float | None = None
    """The bias and coefficient that make_regression used; None for real data."""
    true_coefficient: float | None = None
    scaling: Scaling | None = None
    notices: tuple[str, ...] = ()
    """What a user should know about the data, one line each."""

    @property
    def n_train(self) -> int:
        """Samples that train."""
        return len(self.x_train)

    @property
    def n_valid(self) -> int:
        """Samples that validate."""
        return len(self.x_valid)


@dataclass(frozen=True, slots=True)
class _Rows:
    name: str
    x_name: str
    y_name: str
    x: Vector
    y: Vector
    bias: float | None = None
    coefficient: float | None = None
    dropped: int = 0


def load_dataset(config: RunConfig, device: torch.device) -> Dataset:
    """Return the data that `config` asks for.

    Raises:
        InputError: when a file, a column, the split or the scaling is impossible.
    """
    try:
        sources = {"make_regression": _make_regression, "diabetes": _diabetes, "tiny": _tiny, "csv": _csv}
        rows = sources[config.source](config)
        return _prepare(config, rows, device)
    except MemoryError:
        field = "samples" if config.source == "make_regression" else "data"
        raise InputError(f"--{field}: this machine has not enough memory for that many samples", field=field) from None


def _make_regression(config: RunConfig) -> _Rows:
    from sklearn.datasets import make_regression

    bias = random.Random(config.seed).random()
    features, targets, coefficient = make_regression(
        config.samples,
        n_features=1,
        n_targets=1,
        bias=bias,
        noise=config.noise,
        random_state=config.seed,
        coef=True,
    )
    return _Rows("make_regression", "x", "y", features[:, 0], targets, bias, float(coefficient))


def _diabetes(config: RunConfig) -> _Rows:
    from sklearn.datasets import load_diabetes

    bunch: Any = load_diabetes()
    names = [str(name) for name in bunch.feature_names]
    wanted = "bmi" if config.x is None else config.x
    if wanted not in names and wanted.isdecimal() and 1 <= int(wanted) <= len(names):
        wanted = names[int(wanted) - 1]
    if wanted not in names:
        raise InputError(f"--x {quoted(wanted)}: diabetes has the features {', '.join(names)}", field="x")
    x = np.ascontiguousarray(bunch.data[:, names.index(wanted)], dtype=np.float64)
    return _Rows("diabetes", wanted, "progression", x, np.asarray(bunch.target, dtype=np.float64))


def _tiny(_: RunConfig) -> _Rows:
    x, y = (np.array(values) for values in tiny_samples())
    return _Rows("tiny", "x", "y", x, y)


def csv_options(config: RunConfig) -> CsvOptions:
    """Return how the options say that a CSV file is written."""
    return CsvOptions(
        header=not config.no_header,
        delimiter=config.delimiter and DELIMITERS.get(config.delimiter, config.delimiter),
        decimal=config.decimal,
        drop_missing=config.drop_missing,
    )


def _csv(config: RunConfig) -> _Rows:
    assert config.data is not None  # the source is "csv" only then
    columns = read_columns(config.data, config.x, config.y, csv_options(config))
    return _Rows(config.data, columns.x_name, columns.y_name, columns.x, columns.y, dropped=columns.dropped)


def _prepare(config: RunConfig, rows: _Rows, device: torch.device) -> Dataset:
    x, y = rows.x, rows.y
    n_train = _train_size(config, len(x))
    if config.shuffle:
        order = np.random.default_rng(config.seed).permutation(len(x))
        x, y = x[order], y[order]
    if config.source != "make_regression" and x[:n_train].min() == x[:n_train].max():
        raise InputError(
            f"column {quoted(rows.x_name)} is constant in the {n_train} train rows: a slope needs two different values",
            field="train_size" if config.source == "tiny" else "x",
        )
    if config.source != "make_regression":
        _need_digits(rows, x[:n_train])
    scaling = None
    if config.standardize:
        scaling = _scaling(x[:n_train], y[:n_train])
        with np.errstate(all="ignore"):  # what leaves the range is told below
            x = (x - scaling.x_mean) / scaling.x_deviation
            y = (y - scaling.y_mean) / scaling.y_deviation
    dtype = DTYPES[config.dtype]
    # A copy, since NumPy's memory begins at any multiple of 16 bytes, and MKL gives the same bits from 64 on only.
    tensors = [torch.from_numpy(np.ascontiguousarray(v)).to(dtype, copy=True) for v in (x, y)]
    for name, tensor in zip((rows.x_name, rows.y_name), tensors, strict=True):
        if not bool(torch.isfinite(tensor).all()):
            raise InputError(f"column {quoted(name)} holds values outside {config.dtype}", field="dtype")
    if config.source != "make_regression" and bool(tensors[0][:n_train].min() == tensors[0][:n_train].max()):
        raise InputError(
            f"column {quoted(rows.x_name)} is constant in the train rows as {config.dtype}: try --standardize",
            field="dtype",
        )
    with one_thread_at_a_time(device):
        x_all, y_all = (tensor.to(device) for tensor in tensors)
    return Dataset(
        rows.name,
        rows.x_name,
        rows.y_name,
        x_all[:n_train],
        y_all[:n_train],
        x_all[n_train:],
        y_all[n_train:],
        rows.bias,
        rows.coefficient,
        scaling,
        _notices(config, rows, x[:n_train]),
    )


def _need_digits(rows: _Rows, x: Vector) -> None:
    """Raise InputError where x differs in so few of its last bits that no line through the samples has digits left."""
    low, high = float(x.min()), float(x.max())
    if high / 2 - low / 2 < max(abs(low), abs(high)) / 2 * _LEAST_SPREAD:
        shown = f"from {low!r} to {high!r}"
        raise InputError(
            f"column {quoted(rows.x_name)} goes {shown} in the train rows, too close together beside its size for "
            f"float64 to tell b from w: subtract {low!r} from it in the file",
            field="x",
        )


def _notices(config: RunConfig, rows: _Rows, x: Vector) -> tuple[str, ...]:
    notices = []
    if rows.dropped:
        one = rows.dropped == 1
        what = f"{rows.dropped} row{'' if one else 's'} of the file {'is' if one else 'are'} left out"
        notices.append(f"{what}: x or y is missing there; {len(rows.x)} are used")
    spread = float(x.max()) - float(x.min())
    if 0 < spread < _TOO_SMALL_TO_SQUARE:
        notices.append(
            f"x varies by {spread:.2g} only, and float64 cannot hold the square of that: w hardly moves, and what the "
            "instruments say takes all x for equal; --standardize scales it"
        )
    return tuple(notices)


def _train_size(config: RunConfig, n: int) -> int:
    if config.train_size is None:
        return {"make_regression": DEFAULT_TRAIN_SIZE, "tiny": N_TRAIN}.get(config.source, n * 4 // 5)
    if config.train_size >= n:
        raise InputError(
            f"--train-size {config.train_size}: must be below the {n} rows of the data, the rest validates",
            field="train_size",
        )
    return config.train_size


_LEAST_SPREAD = 2.0**-36
"""Of x, relative: the mean's rounding moves the variance by the square of 2⁻⁵³ over this."""
_TOO_SMALL_TO_SQUARE = 2.0**-500
_LARGER = 2.0**600
_SMALLEST = float(np.finfo(np.float64).tiny)
"""A deviation below it has lost digits."""


def _deviation(values: Vector) -> float:
    deviation = float(values.std())
    if deviation < _TOO_SMALL_TO_SQUARE:  # squares that underflow; a power of two changes no digit
        deviation = float((values * _LARGER).std()) / _LARGER
    return deviation


def _scaling(x: Vector, y: Vector) -> Scaling:
    with np.errstate(all="ignore"):
        values = [float(x.mean()), _deviation(x), float(y.mean()), _deviation(y)]
    if not np.isfinite(values).all():
        raise InputError("--standardize: the values are too large to take their deviation", field="standardize")
    for name, column, deviation in (("x", x, values[1]), ("y", y, values[3])):
        # The deviation alone does not tell: that of 0.1, 0.1, 0.1 is 1e-17.
        if deviation < _SMALLEST or column.min() == column.max():
            what = "is constant" if column.min() == column.max() else "differs by too little to divide by"
            raise InputError(f"--standardize: {name} {what} in the train rows", field="standardize")
    return Scaling(*values)

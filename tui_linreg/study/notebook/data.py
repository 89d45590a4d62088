"""The data of a run as source text: loaded, shuffled, split and scaled as `engine.data.dataset` does."""

from __future__ import annotations

import codecs
from pathlib import Path

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.csv_cells import MINUS, MISSING
from tui_linreg.engine.data.csv_file import read_layout
from tui_linreg.engine.data.dataset import csv_options
from tui_linreg.engine.data.tiny import tiny_samples
from tui_linreg.engine.errors import in_browser, told

IMPORTS = {
    "make_regression": ("import random", "from sklearn.datasets import make_regression"),
    "diabetes": ("from sklearn.datasets import load_diabetes",),
    "tiny": (),
    "csv": ("import csv",),
}
"""By `RunConfig.source`."""

_MAKE_REGRESSION = """\
bias = random.Random(seed).random()
features, targets, coefficient = make_regression(
    {samples}, n_features=1, n_targets=1, bias=bias, noise={noise!r}, random_state=seed, coef=True
)
x, y = features[:, 0], targets
"""
_DIABETES = """\
diabetes = load_diabetes()
x = np.ascontiguousarray(diabetes.data[:, diabetes.feature_names.index({name!r})])
y = diabetes.target
"""
_CSV = """\
with open({path}, encoding={encoding!r}, newline="") as file:
    rows = [
        row
        for row in csv.reader({lines}, delimiter={delimiter!r}, skipinitialspace=True)
        if any(cell.strip() for cell in row)
    ]
# {columns}
rows = rows[{before}:]
{dropped}x, y = (np.array([float({cell}) for row in rows]) for column in ({x}, {y}))
"""
_DROPPED = """\
missing = {missing}
rows = [row for row in rows if not any(row[column].strip().lower() in missing for column in ({x}, {y}))]
"""
_STANDARDIZED = """\
x_mean, x_deviation = x[:n_train].mean(), x[:n_train].std()
y_mean, y_deviation = y[:n_train].mean(), y[:n_train].std()
x, y = (x - x_mean) / x_deviation, (y - y_mean) / y_deviation
"""
_SPLIT = """\
x, y = (torch.tensor(values, dtype=dtype, device=device) for values in (x, y))
x_train, y_train = x[:n_train], y[:n_train]
x_valid, y_valid = x[n_train:], y[n_train:]
print(f"{len(x_train)} samples train, {len(x_valid)} validate")
"""


def data_source(config: RunConfig, x_name: str, n_train: int, path: str | Path, *, beside_script: bool) -> str:
    """Return the code that makes `x_train`, `y_train`, `x_valid` and `y_valid`, tensors of shape (n,).

    Args:
        config: the run.
        x_name: the feature's name, as the dataset has it.
        n_train: how many rows train.
        path: of the file that this code is written to; a CSV file in its folder is named from there.
        beside_script: whether that folder has to be asked for, as a script may be started from any other.

    Raises:
        InputError: when a CSV file cannot be read any more.
    """
    parts = [_loaded(config, x_name, path, beside_script)]
    if config.shuffle:
        parts.append("order = np.random.default_rng(seed).permutation(len(x))\nx, y = x[order], y[order]\n")
    parts.append(f"n_train = {n_train}\n")
    if config.standardize:
        parts.append(_STANDARDIZED)
    return "".join([*parts, _SPLIT]).strip()


def _loaded(config: RunConfig, x_name: str, path: str | Path, beside_script: bool) -> str:
    if config.source == "make_regression":
        return _MAKE_REGRESSION.format(samples=config.samples, noise=config.noise)
    if config.source == "diabetes":
        return _DIABETES.format(name=x_name)
    if config.source == "tiny":
        x, y = tiny_samples()
        return f"x = np.array({list(x)})\ny = np.array({list(y)})\n"
    assert config.data is not None  # the source is "csv" only then
    options = csv_options(config)
    layout = read_layout(config.data, config.x, config.y, options)
    raw = Path(config.data).read_bytes()
    encoding = "utf-16" if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    text = raw.decode(encoding)
    cell = "row[column].strip()"
    if MINUS in text:
        cell += f'.replace("\\u{ord(MINUS):04x}", "-")'
    if options.decimal == ",":
        cell += '.replace(",", ".")'
    named = f"the columns {layout.names[layout.x]!a} and {layout.names[layout.y]!a}; a header is left out"
    columns = named if options.header else "there is no header; all rows are data"
    return _CSV.format(
        path=_seen_from(config.data, path, beside_script),
        encoding=encoding,
        lines='file.read().replace("\\x1a", "").splitlines(keepends=True)' if "\x1a" in text else "file",
        delimiter=layout.delimiter,
        columns=columns,
        before=layout.before,
        dropped=_DROPPED.format(missing=ascii(tuple(sorted(MISSING))), x=layout.x, y=layout.y) * options.drop_missing,
        cell=cell,
        x=layout.x,
        y=layout.y,
    )


def _seen_from(data: str, path: str | Path, beside_script: bool) -> str:
    """Return the expression for the path of a CSV file: within the folder of the written file from there, else whole.

    In a download it is in the same folder.

    So a folder with both files in it can be handed on.
    """
    whole, folder = Path(data).resolve(), Path(path).resolve().parent
    if in_browser():  # a download: its folder is the visitor's
        near = ascii(told(data))
    elif whole.is_relative_to(folder):
        near = ascii(whole.relative_to(folder).as_posix())
    else:
        return ascii(str(whole))
    return f"Path(__file__).parent / {near}" if beside_script else near

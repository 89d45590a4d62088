"""What the edit form asks for each data source, and what its texts mean; no widgets here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_linreg.engine.config import DEFAULT_TRAIN_SIZE, DTYPES, FIELDS, RunConfig
from tui_linreg.engine.data.tiny import BATCH_SIZE, LEARNING_RATE, N_TRAIN, START
from tui_linreg.engine.errors import InputError
from tui_linreg.plain_text import unquoted

SOURCES = (("make_regression", "make_regression"), ("diabetes", "diabetes"), ("tiny", "tiny"), ("csv", "CSV file"))
"""(`RunConfig.source`, label)."""
SOURCE_HINTS = {
    "make_regression": "Samples around a known line, made by scikit-learn.",
    "diabetes": "scikit-learn's diabetes patients, one feature.",
    "tiny": f"Ten samples of small integers, {N_TRAIN} of them train.",
    "csv": "A file of your own: UTF-8, numbers in columns.",
}

_FILE_FIELDS = ("no_header", "delimiter", "decimal", "drop_missing")
DATA_FIELDS = ("data", "x", "y", "samples", "noise", "train_size", "shuffle", "standardize", *_FILE_FIELDS)
TRAINING_FIELDS = ("lr", "epochs", "batch_size", "seed", "start", "device", "dtype", "arithmetic")
FORM_FIELDS = TRAINING_FIELDS + DATA_FIELDS
"""In the form's order."""
CARRIED_FIELDS = ("mistake",)
"""Never shown: what is to be found out is not given away. A new run keeps them."""

_YES_NO = [("yes", "yes"), ("no", "no")]
_ONLY_FOR = {
    "data": ("csv",),
    "x": ("diabetes", "csv"),
    "y": ("csv",),
    **dict.fromkeys(_FILE_FIELDS, ("csv",)),
    "samples": ("make_regression",),
    "noise": ("make_regression",),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What the form's texts stand for: a configuration, or what is wrong with which field."""

    config: RunConfig | None
    texts: dict[str, str]
    """The texts that made it, as `RunConfig.read` takes them: of the fields that apply, and the data source."""
    errors: dict[str, str]
    """One sentence for each wrong field; the key "" is for what concerns no single field."""


def applies(field: str, source: str) -> bool:
    """Say whether a field means something for a data source."""
    return source in _ONLY_FOR.get(field, (source,))


def source_of(texts: Mapping[str, str]) -> str:
    """Return the data source of texts as `RunConfig.read` takes them."""
    if "data" in texts:
        return "csv"
    return texts.get("dataset") or "make_regression"


def placeholder(field: str, source: str) -> str:
    """Return what stands in an empty field: what is chosen when it stays so, or an example."""
    train_size = {"make_regression": DEFAULT_TRAIN_SIZE, "tiny": N_TRAIN}.get(source, "80 % of the rows")
    return {
        "data": "path, e.g. data/houses.csv",
        "x": "chosen for you: bmi" if source == "diabetes" else "name or number",
        "y": "name or number",
        "delimiter": "as the rows tell",
        "train_size": f"chosen for you: {train_size}",
        "batch_size": f"chosen for you: {BATCH_SIZE}" if source == "tiny" else "a third of the train size",
        "start": f"chosen for you: {START[0]:g},{START[1]:g}" if source == "tiny" else "drawn from the seed",
    }.get(field, "")


def hint(field: str, source: str) -> str:
    """Return one line about a field."""
    if field in ("x", "y") and source == "csv":
        return "A column's name or number; a file of two columns needs neither."
    if field == "source":
        return SOURCE_HINTS[source]
    if field == "arithmetic":
        return "How the hand-written model rounds; b tries one formula at a time."
    if field == "device":
        return "Where the tensors live; auto takes the GPU where there is one."
    if field == "lr":
        short = f"; {LEARNING_RATE} keeps numbers short" if source == "tiny" else ""
        return f"Learning rate η{short}; 0.1@1,0.01@65 changes it."
    if field == "start":
        return "Where both models start: b and w, with a comma between: 1,-0.5."
    if field in ("epochs", "seed", "dtype"):
        return f"{FIELDS[field].help.rstrip('.')}: {FIELDS[field].allowed}."
    return FIELDS[field].help


def carried(texts: Mapping[str, str]) -> dict[str, str]:
    """Return those of the texts that the form hands on as they are."""
    return {name: texts[name] for name in CARRIED_FIELDS if name in texts}


def read_form(source: str, typed: Mapping[str, str], named: bool, kept: Mapping[str, str] | None = None) -> Reading:
    """Return what `typed` (text of each of `FORM_FIELDS`) stands for.

    Args:
        source: one of `SOURCES`.
        typed: the texts by field name; those that do not apply to the source are not looked at.
        named: whether `dataset` is given even where it is the default, make_regression.
        kept: texts of options that are not in the form, handed on as they are.
    """
    texts = {name: typed[name] for name in FORM_FIELDS if applies(name, source)} | dict(kept or {})
    if "data" in texts:
        texts["data"] = unquoted(texts["data"])
    if source in ("diabetes", "tiny") or (source == "make_regression" and named):
        texts["dataset"] = source
    errors: dict[str, str] = {}
    for name, text in texts.items():
        try:
            if FIELDS[name].read(text) is None and name == "data":
                errors[name] = f"must be {FIELDS[name].allowed}"
        except InputError:
            errors[name] = f"must be {FIELDS[name].allowed}"
    if errors:
        return Reading(None, texts, errors)
    try:
        return Reading(RunConfig.read(texts), texts, {})
    except InputError as error:
        return Reading(None, texts, {error.field or "": in_form(error)})


def choices(field: str, value: str, devices: Sequence[str] = ()) -> tuple[tuple[str, str], ...] | None:
    """Return (value, label) of what a field offers, `value` among it; None where one types.

    Args:
        field: its name.
        value: what it has now.
        devices: those that are there.
    """
    offered = {
        "device": [(device, device) for device in ("auto", *devices)],
        "dtype": [(dtype, dtype) for dtype in DTYPES],
        "arithmetic": [("notebook", "notebook"), ("kernel", "kernel")],
        "no_header": _YES_NO,
        "decimal": [(".", "point"), (",", "comma")],
        "drop_missing": _YES_NO,
        "shuffle": _YES_NO,
        "standardize": _YES_NO,
    }.get(field)
    if offered is None or value in dict(offered):
        return None if offered is None else tuple(offered)
    return *offered, (value, "mixed" if field == "arithmetic" else value)


_LABELS = {field.option: field.label for field in FIELDS.values()}
_OPTIONS = "|".join(_LABELS)
_OPTION = re.compile(f"'[^']*'|({_OPTIONS})(?![-a-z])")


def in_form(error: InputError) -> str:
    """Return an error of the command line in the form's words: labels for options, none for its own field."""
    text = str(error)
    if error.field in FIELDS:
        option = re.escape(FIELDS[error.field].option)
        text = re.sub(rf"^{option}(?: '.*?'| [^\s:]+)?: ", "", text)
    return _OPTION.sub(lambda m: _LABELS[m[1]] if m[1] else m[0], text)

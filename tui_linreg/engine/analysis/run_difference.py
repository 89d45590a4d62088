"""Two runs compared: their numbers at the same step, a short name by what differs, and what may be drawn together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import PurePath
from typing import TYPE_CHECKING

from tui_linreg.engine.config import DEFAULT_TRAIN_SIZE, FIELDS, RunConfig
from tui_linreg.engine.errors import printable
from tui_linreg.engine.field import Value, text_of
from tui_linreg.engine.step import Step

if TYPE_CHECKING:
    from tui_linreg.engine.training.timeline import Timeline

_LONGEST_NAME = 24
"""Characters of a name from outside (a file, a column) in a run's description."""
_SOURCE = ("dataset", "data")
SAME_RUN = "same run"
"""What a run without a difference is called."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity of both runs."""

    key: str
    """"loss", "grad_b", "grad_w", "b", "w" of the scratch model, "torch_b", "torch_w"; b and w after the update."""
    ours: float
    theirs: float | None
    """None: that run has no such step, or has not been trained so far."""

    @property
    def difference(self) -> float | None:
        """Ours minus theirs; nan where both are the same infinity."""
        return None if self.theirs is None else self.ours - self.theirs


def run_difference(step: Step, other: Timeline) -> tuple[Row, ...]:
    """Return a step's numbers beside those of the other run's step of the same number, read from its timeline.

    Nothing is computed, however large the other run's data are.
    """
    ours = {
        "loss": step.scratch.loss,
        "grad_b": step.scratch.grad_b,
        "grad_w": step.scratch.grad_w,
        "b": step.scratch.b_after,
        "w": step.scratch.w_after,
        "torch_b": step.torch.b_after,
        "torch_w": step.torch.w_after,
    }
    theirs = _numbers(other, step.place.step)
    return tuple(Row(key, value, theirs.get(key)) for key, value in ours.items())


def _numbers(timeline: Timeline, step: int) -> dict[str, float]:
    """Return the recorded numbers of a step, none where that step is not trained."""
    if step >= len(timeline):
        return {}
    scratch, reference = timeline.states(step + 1)
    return {
        "loss": float(timeline.losses(0, step, step + 1)[0]),
        "grad_b": float(timeline.gradients(0, step, step + 1)[0]),
        "grad_w": float(timeline.gradients(1, step, step + 1)[0]),
        "b": scratch[0],
        "w": scratch[1],
        "torch_b": reference[0],
        "torch_w": reference[1],
    }


def describe_difference(ours: RunConfig, theirs: RunConfig) -> str:
    """Return a short name for the run `theirs` by what it does otherwise than `ours`, such as "η 0.1 · B 10"."""
    parts = [_source_name(theirs)] if _source(ours) != _source(theirs) else []
    for field in fields(RunConfig):
        value = getattr(theirs, field.name)
        if field.name not in _SOURCE and value != getattr(ours, field.name):
            parts.append(_part(field.name, value))
    return " · ".join(parts) or SAME_RUN


def _part(name: str, value: Value) -> str:
    """Return how one option is named."""
    match name, value:
        case (("dtype" | "device"), _):
            return printable(value, _LONGEST_NAME)
        case "shuffle", _:
            return "shuffled" if value else "not shuffled"
        case "standardize", _:
            return "standardized" if value else "not standardized"
        case "no_header", _:
            return "no header" if value else "header"
        case "drop_missing", _:
            return "missing dropped" if value else "missing refused"
        case "batch_size", None:
            return "default batch size"
        case "epochs", _:
            return f"{value} epochs"
        case "samples", _:
            return f"{value} samples"
        case "start", _:
            return "start drawn" if value is None else f"start {text_of(value)}"
        case "arithmetic", _:
            return f"{value} arithmetic"
        case "mistake", _:
            return "no mistake" if value is None else str(value)
    label = {"lr": "η", "batch_size": "B", "train_size": "train", "x": "x", "y": "y"}.get(name)
    if label is None:
        label = FIELDS[name].label if name in FIELDS else name
    if isinstance(value, float):
        return f"{label} {repr(value).removesuffix('.0')}"
    return f"{label} {'by default' if value is None else printable(value, _LONGEST_NAME)}"


def _source(config: RunConfig) -> tuple[str, str | None]:
    return config.source, config.data


def _source_name(config: RunConfig) -> str:
    return printable(PurePath(config.data).name or config.data, _LONGEST_NAME) if config.data else config.source


def same_samples(a: RunConfig, b: RunConfig) -> bool:
    """Say whether two runs have the same samples in the same units, so that their lines belong on one chart.

    Their order and split may differ. Only the options are compared: a file that changed between the runs is not
    noticed, and a column named in two ways counts as two.
    """
    if _rows(a) != _rows(b):
        return False
    # The units come from the train rows.
    return a.standardize == b.standardize and (not a.standardize or _split(a) == _split(b))


def same_train_set(a: RunConfig, b: RunConfig) -> bool:
    """Say whether two runs train on the same samples in the same units, so that they share one loss surface."""
    return same_samples(a, b) and _split(a) == _split(b)


def _rows(config: RunConfig) -> tuple[object, ...]:
    """Return what decides the samples before they are shuffled, split and scaled."""
    match config.source:
        case "make_regression":
            return "make_regression", config.seed, config.samples, config.noise
        case "diabetes":
            return "diabetes", "bmi" if config.x is None else config.x
        case _:
            read = config.no_header, config.delimiter, config.decimal, config.drop_missing
            return "csv", config.data, config.x, config.y, *read


def _split(config: RunConfig) -> tuple[object, ...]:
    """Return what decides which of the samples train."""
    size = config.train_size
    if size is None and config.source == "make_regression":
        size = DEFAULT_TRAIN_SIZE
    return size, config.shuffle, config.seed if config.shuffle else None

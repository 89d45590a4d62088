"""The cells of a run's notebook, in the order of the course's: data, from scratch, derivation, torch.nn, training.

Running them gives the numbers of the session, bit for bit, with the versions and the threads that the first cell names.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tui_linreg.command_line import command_line
from tui_linreg.engine.data.tiny import START
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import PHASES, Phase
from tui_linreg.plain_text import visible
from tui_linreg.study.derivation.derivation import GENERAL, HEADINGS, VECTORISED
from tui_linreg.study.derivation.layout import Section, latex_section, plain
from tui_linreg.study.notebook import SCRIPT
from tui_linreg.study.notebook.data import IMPORTS, data_source
from tui_linreg.study.notebook.models import scratch_source, torch_source, variant_source

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session


_TRAINING = """\
torch.manual_seed(seed)
reference = TorchLinearRegression()
model = {model}()
"""
_START = """\
with torch.no_grad():
    reference.layer.bias.fill_({b!r})
    reference.layer.weight.fill_({w!r})
"""
_COPY = """\
print("predictions before the copy differ by", agreement())
model.copy_params(reference.layer)
print("predictions after the copy differ by", agreement())
"""
_AGREEMENT = '''\
def modified_mape(y_true: Tensor, y_pred: Tensor) -> float:
    """Return the mean of |y − ŷ| / |y|, and of |ŷ| where y is 0: a fraction, 0 is equality."""
    scale = torch.where(y_true == 0, torch.ones_like(y_true), y_true.abs())
    return ((y_true - y_pred).abs() / scale).mean().item()


def agreement() -> float:
    """Return how far the predictions of both models on the validation set differ."""
    with torch.no_grad():
        return modified_mape(reference(x_valid.unsqueeze(1)).squeeze(1), model.predict(x_valid))
'''
_COMPARISON = """\
lines = {
    "torch.nn": (reference.layer.bias.item(), reference.layer.weight.item()),
    "from scratch": (model.b.item(), model.w.item()),
}
print("predictions after training differ by", agreement())
for name, (b, w) in lines.items():
    print(f"{name:<14}b {b!r:<24}w {w!r}")
"""
_TRUE = "print(f\"{'true':<14}b {bias!r:<24}w {float(coefficient)!r}\")\n"
_ORIGINAL = """\
print("in the original units")
for name, (b, w) in lines.items():
    slope = w * y_deviation / x_deviation
    print(f"{name:<14}b {float(y_mean + y_deviation * b - slope * x_mean)!r:<24}w {float(slope)!r}")
"""
_RECORDED = """\
recorded = {{
    "torch.nn": {torch!r},
    "from scratch": {scratch!r},
}}
for name, (b, w) in lines.items():
    same = recorded[name] == f"{{b!r}} {{w!r}}"
    print(f"{{name:<14}}{{'the recorded bits' if same else 'other bits than recorded: ' + recorded[name]}}")
"""


class Cell(NamedTuple):
    """One cell."""

    code: bool
    """Whether it is Python; else it is Markdown."""
    source: str
    plain: str = ""
    """What a script says in its place, where mathematics is written otherwise there."""


def cells(session: Session, path: str | Path) -> list[Cell]:
    """Return the cells of a session's run; its numbers are named where the whole run is trained.

    Args:
        session: the run, made by the program's own model.
        path: of the file that they are written to.

    Raises:
        InputError: when the run is that of a learner's own update, or its CSV file cannot be read any more.
    """
    if session.author is not None:
        raise InputError("--student: a notebook or script holds the program's own model, and this run is your file's")
    config, schedule, device = session.config, session.schedule, str(session.device)
    script = Path(path).suffix.lower() == SCRIPT
    variant, model = variant_source(config, schedule)
    made = [
        _words(_introduction(session)),
        Cell(True, _options(session, script)),
        _words("## Data"),
        Cell(True, data_source(config, session.dataset.x_name, schedule.n_train, path, beside_script=script)),
        _words("## From scratch\n\nEvery derivative is written out; the next section says where it comes from."),
        Cell(True, scratch_source(config)),
        *([_words(_about_variant(session)), Cell(True, variant)] if variant else []),
        _derivation(),
        _words("## With torch.nn"),
        Cell(True, torch_source(config, device)),
        _words("## Training\n\nBoth models start at the same b and w and see the same mini-batches."),
        Cell(True, _AGREEMENT.strip()),
        Cell(True, _training(session, model)),
        Cell(True, _fit("reference", ".unsqueeze(1)", config.rates.lrs)),
        Cell(True, _fit("model", "", config.rates.lrs)),
        _words("## Comparison"),
        Cell(True, _comparison(session)),
    ]
    if session.trained == schedule.steps:
        made.append(Cell(True, _recorded(session)))
    return made


def _words(text: str) -> Cell:
    return Cell(False, text)


def _introduction(session: Session) -> str:
    by = session.computed_by
    packages = ["numpy"] + ["scikit-learn"] * (session.config.source in ("make_regression", "diabetes"))
    versions = [f"torch {by['torch']}", *(f"{name} {version(name)}" for name in packages)]
    threads = f"{by['threads']} thread{'s' * (by['threads'] != 1)}"
    return (
        "# Simple linear regression from scratch\n\n"
        "By hand and with torch.nn, trained by mini-batch gradient descent. "
        "In the terminal, step by step, this run is\n\n"
        f"    {visible(command_line(session.config))}\n\n"
        f"Recorded with {', '.join(versions)}, {by['cpu_capability']} kernels, {threads}, on {session.device}. "
        "With the same, all numbers are the same to the last bit; with others the last bits may differ."
    )


def _options(session: Session, script: bool) -> str:
    config, rates = session.config, session.config.rates
    imports = {"import numpy as np", "import torch", "from torch import Tensor, nn", *IMPORTS[config.source]}
    if script and config.source == "csv":
        imports.add("from pathlib import Path")
    standard = {line for line in imports if line.split()[1] in ("csv", "random", "pathlib")}
    changes = ", ".join(f"{first + 1}: {lr!r}" for lr, first in zip(rates.lrs, rates.firsts, strict=True))
    lines = [
        *_in_order(standard),
        *[""] * bool(standard),
        *_in_order(imports - standard),
        "",
        f"torch.set_num_threads({session.threads})",
        f'device = "{session.device}"',
        f"dtype = {session.dtype}",
        f"seed = {config.seed}",
        f"learning_rates = {{{changes}}}  # from these steps on, counted from 1"
        if len(rates.lrs) > 1
        else f"learning_rate = {rates.lrs[0]!r}",
        f"epochs = {config.epochs}",
        f"batch_size = {session.schedule.batch_size}",
    ]
    return "\n".join(lines)


def _in_order(imports: set[str]) -> list[str]:
    return sorted(imports, key=lambda line: (line.startswith("from"), line))


def _about_variant(session: Session) -> str:
    config, texts = session.config, []
    if config.arithmetic != "notebook":
        texts.append(f"Rounded as torch's kernels do ({config.arithmetic}): the same formulas in another order.")
    if config.mistake is not None:
        mistake = MISTAKES[config.mistake]
        texts.append(f"**Wrong on purpose ({mistake.name}): {mistake.title}.** {mistake.explanation}")
        texts.append(f"Right: {mistake.correct}\n\nWrong: {mistake.wrong}")
    return "\n\n".join(texts)


def _derivation() -> Cell:
    """Return the chain rule, phase by phase, in general form and vectorised."""
    maths, text = ["## Derivation"], ["## Derivation"]
    for entry in PHASES:
        if entry.phase is Phase.BATCH:
            continue
        maths.append(f"### {entry.name}")
        text.append(f"### {entry.name}")
        for key, forms in (("general", GENERAL), ("vectorised", VECTORISED)):
            section = Section(key, HEADINGS[key], forms[entry.phase])
            _, *lines = latex_section(section)
            maths.append(f"*{section.heading}*\n\n" + _displayed("\n".join(lines)))
            text.append(section.heading + "\n" + "\n".join(f"  {plain(line)}" for line in section.lines()))
    return Cell(False, "\n\n".join(maths), "\n\n".join(text))


def _displayed(latex: str) -> str:
    """Return LaTeX with each align* as a displayed formula of Markdown."""
    opened = latex.replace(r"\begin{align*}", "\n$$\n\\begin{aligned}")
    return opened.replace(r"\end{align*}", "\\end{aligned}\n$$\n").strip()


def _training(session: Session, model: str) -> str:
    start = session.config.start or (START if session.config.source == "tiny" else None)
    parts = [_TRAINING.format(model=model)]
    if start is not None:
        parts.append(_START.format(b=start[0], w=start[1]))
    return "".join([*parts, _COPY]).strip()


def _fit(name: str, column: str, lrs: tuple[float, ...]) -> str:
    """Return the call that trains a model, on columns of shape (m, 1) where it needs them."""
    data = [f"{vector}{column}" for vector in ("x_train", "y_train", "x_valid", "y_valid")]
    rate = "learning_rate" if len(lrs) == 1 else "learning_rates"
    arguments = f"{data[0]}, {data[1]}, epochs, {rate}, batch_size, {data[2]}, {data[3]}"
    return f"{name}.fit(\n    {arguments}\n)" if column else f"{name}.fit({arguments})"


def _comparison(session: Session) -> str:
    known = session.dataset.true_bias is not None
    extra = _ORIGINAL if session.dataset.scaling is not None else _TRUE if known else ""
    return (_COMPARISON + extra).strip()


def _recorded(session: Session) -> str:
    scratch, reference = (f"{b!r} {w!r}" for b, w, *_ in session.timeline.states(session.trained))
    return _RECORDED.format(torch=reference, scratch=scratch).strip()

"""The chain rule written out for one phase of one mini-batch: on screen, as plain text and as LaTeX. Loads no torch.

L = (1/m) ‖ŷ − y‖² with ŷ = b + w x; e is the residual ŷ − y, X = [1ₘ, x] the design matrix, θ = [b, w]ᵀ.
Indices p and k number the samples of the batch from 0; Unicode has no subscript q. A batch's numbers are in
`numbers`, lines and LaTeX in `layout`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tui_linreg.engine.phases import Phase, info
from tui_linreg.engine.step import Step
from tui_linreg.study.derivation.layout import (
    WIDTH,
    Equation,
    Line,
    Remark,
    Section,
    equation,
    latex_section,
    latex_words,
    plain,
    remark,
)
from tui_linreg.study.derivation.numbers import Worked, numbers

Items = tuple[Equation | Remark, ...]

HEADINGS = {
    "general": "General form",
    "shapes": "With shapes",
    "vectorised": "Vectorised",
    "numbers": "With this batch's own numbers",
    "index": "Index notation",
}
"""By `Section.key`, in the order in which they are shown."""

GENERAL: dict[Phase, Items] = {
    Phase.BATCH: (
        equation("x", "x_train[i:j]"),
        equation("y", "y_train[i:j]"),
        remark("$x$ and $y$ are given, $b$ and $w$ are learned: no derivative is taken with respect to the data."),
    ),
    Phase.PREDICT: (
        equation("ŷ", "b + w x"),
        remark("The chain that the derivatives go back along: $b$ and $w$ make $ŷ$, and $ŷ$ and $y$ make $L$."),
    ),
    Phase.LOSS: (
        equation("L", "(1/m) ‖ŷ − y‖²"),
        remark("The mean of the squared residuals: one number for the whole batch."),
    ),
    Phase.ERROR_SIGNAL: (
        equation("L", "(1/m) ‖e‖²"),
        equation("e", "ŷ − y"),
        equation("∂L/∂ŷ", "∂L/∂e · ∂e/∂ŷ", "(2/m) e · 1", "(2/m) (ŷ − y)"),
        remark("The outer derivative is that of the square, which brings the 2; the inner one is 1."),
    ),
    Phase.BIAS_GRADIENT: (
        equation("∂L/∂b", "Σ ∂L/∂ŷ · ∂ŷ/∂b"),
        equation("∂ŷ/∂b", "∂/∂b (b + w x)", "1"),
        equation("∂L/∂b", "Σ ∂L/∂ŷ · 1"),
        remark("Every sample's $ŷ$ depends on $b$, so all their shares add up."),
    ),
    Phase.WEIGHT_GRADIENT: (
        equation("∂L/∂w", "Σ ∂L/∂ŷ · ∂ŷ/∂w"),
        equation("∂ŷ/∂w", "∂/∂w (b + w x)", "x"),
        equation("∂L/∂w", "Σ ∂L/∂ŷ · x"),
        remark("Every sample's $ŷ$ depends on $w$, each as strongly as its own $x$ is large."),
    ),
    Phase.UPDATE: (
        equation("b", ("←", "b − η ∂L/∂b")),
        equation("w", ("←", "w − η ∂L/∂w")),
        remark("The gradient points uphill, so the step is taken against it. Both come from the line before the step."),
    ),
}

SHAPES: dict[Phase, Items] = {
    Phase.BATCH: (
        equation("x", ("∈", "ℝᵐ")),
        equation("y", ("∈", "ℝᵐ")),
        equation("m", "j − i"),
        remark("Shape $(m,)$ each; $m$ is this batch's own length."),
    ),
    Phase.PREDICT: (
        equation("ŷ", "b + w x"),
        equation("(m,)", "(1,) + (1,) · (m,)"),
        remark("$b$ and $w$ are one number each, used for every entry of $x$ (broadcasting)."),
    ),
    Phase.LOSS: (
        equation("L", "(1/m) ‖ŷ − y‖²"),
        equation("()", "() · ‖(m,) − (m,)‖²"),
        remark("The norm makes one number out of $m$; $()$ is the shape of a scalar."),
    ),
    Phase.ERROR_SIGNAL: (
        equation("∂L/∂ŷ", "(2/m) (ŷ − y)"),
        equation("(m,)", "() · ((m,) − (m,))"),
        remark("The derivative of a scalar by a vector has the vector's shape."),
    ),
    Phase.BIAS_GRADIENT: (
        equation("∂L/∂b", "Σ ∂L/∂ŷ · ∂ŷ/∂b"),
        equation("()", "Σ (m,) · (m,)"),
        remark("Products entry by entry, then the sum over the batch: $m$ numbers become one."),
    ),
    Phase.WEIGHT_GRADIENT: (
        equation("∂L/∂w", "Σ ∂L/∂ŷ · ∂ŷ/∂w"),
        equation("()", "Σ (m,) · (m,)"),
        remark("Products entry by entry, then the sum over the batch: $m$ numbers become one."),
    ),
    Phase.UPDATE: (
        equation("b", ("←", "b − η ∂L/∂b")),
        equation("(1,)", ("←", "(1,) − () · ()")),
        remark("The same for $w$: a gradient has the shape of what it is the gradient for, one number."),
    ),
}

VECTORISED: dict[Phase, Items] = {
    Phase.BATCH: (
        equation("X", "[1ₘ, x]", ("∈", "ℝᵐˣ²")),
        remark("$1ₘ$ is a column of $m$ ones; with it the whole batch is one matrix."),
    ),
    Phase.PREDICT: (
        equation("ŷ", "b 1ₘ + w x", "X θ"),
        equation("θ", "[b, w]ᵀ", ("∈", "ℝ²")),
    ),
    Phase.LOSS: (
        equation("L", "(1/m) eᵀ e"),
        equation("e", "ŷ − y", "X θ − y"),
    ),
    Phase.ERROR_SIGNAL: (
        equation("∂L/∂ŷ", "(∂e/∂ŷ)ᵀ ∂L/∂e", "Iᵀ (2/m) e", "(2/m) e"),
        remark("The Jacobian of $e = ŷ − y$ is the identity matrix $I$, of shape $(m, m)$."),
    ),
    Phase.BIAS_GRADIENT: (
        equation("∂L/∂b", "(∂ŷ/∂b)ᵀ ∂L/∂ŷ", "1ₘᵀ ∂L/∂ŷ"),
        remark("A row of $m$ ones times the column of the error signal: its sum."),
    ),
    Phase.WEIGHT_GRADIENT: (
        equation("∂L/∂w", "(∂ŷ/∂w)ᵀ ∂L/∂ŷ", "xᵀ ∂L/∂ŷ"),
        remark("The row of the batch's $x$ times the column of the error signal: their dot product."),
    ),
    Phase.UPDATE: (
        equation("∇L", "[∂L/∂b, ∂L/∂w]ᵀ", "Xᵀ ∂L/∂ŷ", "(2/m) Xᵀ (X θ − y)"),
        equation("θ", ("←", "θ − η ∇L")),
    ),
}

_DELTA = remark("$δₚₖ$ is the Kronecker delta: 1 where $p = k$, else 0.")

INDEX: dict[Phase, Items] = {
    Phase.BATCH: (
        equation("xₚ", "x_train[i + p]"),
        equation("yₚ", "y_train[i + p]"),
        remark("$p$ and $k$ number the samples of the batch: $0, 1, …, m − 1$."),
    ),
    Phase.PREDICT: (
        equation("ŷₚ", "b + w xₚ"),
        equation("∂ŷₚ/∂ŷₖ", "δₚₖ"),
        _DELTA,
        remark("Each prediction is made from its own sample alone."),
    ),
    Phase.LOSS: (equation("L", "(1/m) Σₚ (ŷₚ − yₚ)²"),),
    Phase.ERROR_SIGNAL: (
        equation(
            "∂L/∂ŷₖ",
            "(1/m) Σₚ ∂/∂ŷₖ (ŷₚ − yₚ)²",
            "(1/m) Σₚ 2 (ŷₚ − yₚ) · ∂ŷₚ/∂ŷₖ",
            "(2/m) Σₚ (ŷₚ − yₚ) δₚₖ",
            "(2/m) (ŷₖ − yₖ)",
        ),
        _DELTA,
        remark("Of the sum over $p$ it leaves the one term with $p = k$."),
    ),
    Phase.BIAS_GRADIENT: (
        equation("∂ŷₚ/∂b", "∂/∂b (b + w xₚ)", "1"),
        equation("∂L/∂b", "Σₖ ∂L/∂ŷₖ · ∂ŷₖ/∂b", "Σₖ (2/m) Σₚ (ŷₚ − yₚ) δₚₖ · 1", "(2/m) Σₚ (ŷₚ − yₚ)"),
        _DELTA,
        remark("In $b + w xₚ$ only $b$ itself changes with $b$, by as much."),
    ),
    Phase.WEIGHT_GRADIENT: (
        equation("∂ŷₚ/∂w", "∂/∂w (b + w xₚ)", "xₚ"),
        equation("∂L/∂w", "Σₖ ∂L/∂ŷₖ · ∂ŷₖ/∂w", "Σₖ (2/m) Σₚ (ŷₚ − yₚ) δₚₖ · xₖ", "(2/m) Σₚ (ŷₚ − yₚ) xₚ"),
        _DELTA,
        remark("In $b + w xₚ$ the factor of $w$ is $xₚ$."),
    ),
    Phase.UPDATE: (
        equation("b", ("←", "b − η Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂b"), "b − η (2/m) Σₚ (ŷₚ − yₚ)"),
        equation("w", ("←", "w − η Σₚ ∂L/∂ŷₚ · ∂ŷₚ/∂w"), "w − η (2/m) Σₚ (ŷₚ − yₚ) xₚ"),
    ),
}


@dataclass(frozen=True, slots=True)
class Derivation:
    """One phase, in four or five ways of writing it."""

    phase: Phase
    sections: tuple[Section, ...]
    """General form, with shapes, vectorised, with numbers, and where asked for index notation."""

    @property
    def title(self) -> str:
        """The phase's number and name."""
        return f"{self.phase:d} {info(self.phase).name}"

    def lines(self, width: int = WIDTH) -> tuple[Line, ...]:
        """Return all sections' lines of at most `width` (at least 40) cells, headings and empty lines between them.

        Each line is a tuple of parts (text, role), the roles those of `tui_linreg.study.derivation.layout.Part`;
        a heading has the role "text bold".
        """
        lines: list[Line] = []
        for section in self.sections:
            lines += [((section.heading, "text bold"),), *section.lines(width), ()]
        return tuple(lines[:-1])


def derivation(
    step: Step,
    phase: Phase,
    *,
    index_notation: bool = False,
    judged: bool = True,
) -> Derivation:
    """Return the derivation of a phase, with this step's numbers up to that phase, as they were computed.

    Args:
        step: the mini-batch; its numbers may be anything, inf and nan too.
        phase: the phase at the cursor.
        index_notation: whether to add the section with indices and the Kronecker delta.
        judged: whether to compare the computed number with what the formula gives for the numbers put in: the last
            relation is then "=" or, where digits are shortened or rounded, "≈", and "≠" where a mistake is planted in
            that phase. False writes "≟" always, for a hunt, where nothing may be given away.
    """
    worked = Worked(step, judged)
    forms = {
        "general": GENERAL[phase],
        "shapes": SHAPES[phase],
        "vectorised": VECTORISED[phase],
        "numbers": numbers(worked, phase),
    }
    if index_notation:
        forms["index"] = INDEX[phase]
    return Derivation(phase, tuple(Section(key, HEADINGS[key], items) for key, items in forms.items()))


def as_text(derived: Derivation, width: int = WIDTH) -> str:
    """Return the derivation as plain text with its title, lines of at most `width` cells, ending in a newline."""
    body = "\n".join(plain(line) for line in derived.lines(width))
    return f"Phase {derived.title}\n\n{body}\n"


def as_latex(derived: Derivation) -> str:
    r"""Return the derivation as LaTeX, to stand in a document that says \usepackage{amsmath}; ends in a newline."""
    title = rf"\noindent\textbf{{{latex_words(f'Phase {derived.title}')}}}"
    blocks = ["\n".join(latex_section(section)) for section in derived.sections]
    return "\n\n".join(["% needs \\usepackage{amsmath}\n" + title, *blocks]) + "\n"

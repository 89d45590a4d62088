"""The chain rule written out for one phase of one mini-batch: on screen, as plain text and as LaTeX.

The mathematics is in `text`, a batch's numbers in `numbers`, lines in `layout`, LaTeX in `latex`. Loads no torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tui_linreg.engine.phases import Phase, info
from tui_linreg.study.derivation.layout import WIDTH, Line, Section, latex_section, latex_words, plain
from tui_linreg.study.derivation.numbers import Worked, follows, numbers
from tui_linreg.study.derivation.text import GENERAL, HEADINGS, INDEX, SHAPES, VECTORISED

if TYPE_CHECKING:
    from tui_linreg.engine.step import Step


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
    side: Literal["scratch", "torch"] = "scratch",
    judged: bool = True,
) -> Derivation:
    """Return the derivation of a phase, with this step's numbers up to that phase, as they were computed.

    Args:
        step: the mini-batch; its numbers may be anything, inf and nan too.
        phase: the phase at the cursor.
        index_notation: whether to add the section with indices and the Kronecker delta.
        side: whose numbers to put in.
        judged: whether to compare the computed number with what the formula gives for the numbers put in: the last
            relation is then "=", or "≠" where a mistake is planted in that phase. False writes "≟" always, for a
            hunt, where nothing may be given away.
    """
    ours = step.scratch if side == "scratch" else step.torch

    def sign(of: Phase) -> str:
        if not judged:
            return "≟"
        return "=" if follows(step, ours, of) else "≠"

    worked = Worked(step, ours, sign)
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

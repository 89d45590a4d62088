"""What is wrong with a learner's file, in the words that fit a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from tui_linreg.engine.errors import InputError, printable
from tui_linreg.study.student.code import StudentError

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session

_LONGEST = 400


class ErrorLine(NamedTuple):
    """Stands in the line at the bottom as long as it holds."""

    error: InputError
    before: str = ""
    """What stands before the error's own words."""
    after: str = ""
    """What follows from it."""

    @classmethod
    def of_step(cls, session: Session) -> ErrorLine | None:
        """Return what stopped a session from training, None where nothing did."""
        return None if session.failure is None else cls(session.failure, f"step {session.trained + 1}: ")

    def fitted(self, width: int) -> str:
        """Return as much of it as fits: without what follows, then without the code, at last cut."""
        error = self.error
        text = printable(error, _LONGEST)
        texts = [f"{text}; {self.after}"] if self.after else []
        texts.append(text)
        if isinstance(error, StudentError):
            short = f"{error.where}: {error.what}"
            texts += [f"{short}; {self.after}", short] if self.after else [short]
        found = next((each for each in texts if cell_len(self.before + each) <= width), texts[-1])
        return cut(self.before + found, width)


def cut(text: str, width: int) -> str:
    """Return a text without its last words, where it is too long."""
    if cell_len(text) <= width:
        return text
    while text and cell_len(text) > width - 2:
        text = text[: min(len(text) - 1, width)]
    return text.rstrip() + " …"

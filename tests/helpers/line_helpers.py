"""Shared by the tests of the line mode: a talk with it, and what can be heard."""

from __future__ import annotations

import math
import re
from typing import Any

from engine_helpers import small

from tui_linreg.engine.training.session import Session
from tui_linreg.line.charts import CHARTS
from tui_linreg.line.panels import PANELS
from tui_linreg.line.reader import respond
from tui_linreg.line.run import LineRun
from tui_linreg.line.state import State
from tui_linreg.study.progress_file import Keeper

WIDTH = 80
LOOKING = (
    "where", "samples", "row 1", "repeat", "compare", "why", "code", "help", "help keys", "rate", "kept",
    *(f"value {name}" for name in ("prediction", "loss", "error signal", "gradient of b", "gradient of w", "new b",
                                   "new w", "m", "lr", "b", "w")),
    *(f"chart {chart.name}" for chart in CHARTS),
    *(f"panel {panel.spoken}" for panel in PANELS),
)  # fmt: skip
"""Commands that tell something and change nothing."""
NUMBER = r"(?:minus )?[0-9.]+(?: times 10 to the (?:minus )?[0-9]+)?"


class Talk:
    """A session of the line mode. Every line that it says is checked: its width, and that a voice can read it."""

    def __init__(self, session: Session | None = None, *, digits: int = 5, **options: Any) -> None:
        self.state = State([LineRun(session or small(**options))], Keeper(), digits=digits)

    def say(self, *commands: str) -> list[str]:
        """Return what is said to the last of these commands."""
        lines: list[str] = []
        for command in commands:
            lines = list(respond(self.state, command))
            for line in lines:
                assert len(line) <= WIDTH, line
                if not command.startswith("code"):
                    assert audible(line), line
        return lines

    def text(self, *commands: str) -> str:
        """The same as one text."""
        return " ".join(self.say(*commands))

    @property
    def session(self) -> Session:
        return self.state.run.session


def audible(line: str) -> bool:
    """Say whether a line has no sign that a voice stumbles over; what a user typed is quoted."""
    bare = re.sub(r"'[^']*'(?!\w)", "", line)
    return re.fullmatch(r"[A-Za-z0-9 .,:;?!'\"()-]*", bare) is not None and not re.search(r"(?<!\w)-[0-9]", bare)


def read(words: str) -> float:
    """Return the number that words say."""
    if words.endswith("infinity"):
        return -math.inf if words.startswith("minus") else math.inf
    text = words.replace(" times 10 to the ", "e").replace("minus ", "-")
    return math.nan if text == "not a number" else float(text)


def told(lines: list[str], label: str) -> float:
    """Return the number that a line with this label tells."""
    line = next(line for line in lines if line.startswith(f"{label}: "))
    found = re.match(NUMBER, line.removeprefix(f"{label}: ").removesuffix("."))
    assert found is not None, line
    return read(found[0].rstrip("."))

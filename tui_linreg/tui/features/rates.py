"""The learning rate while a run goes on: half or twice of it from the next mini-batch on."""

from __future__ import annotations

from tui_linreg.engine.errors import InputError
from tui_linreg.number_text import thousands
from tui_linreg.tui.feature import Feature

_FACTORS = {"half": 0.5, "twice": 2.0}


class LearningRates(Feature):
    """Changes η from the cursor on."""

    name = "rates"

    def change(self, by: str) -> None:
        """Let η be "half" or "twice" of what the next step has, from there on.

        Steps trained beyond the cursor are cut off, and later changes dropped, by the second press only, while the
        question of the first stands.
        """
        controller, run = self.controller, self.controller.run
        session, first = run.session, run.cursor.step + 1
        if session.author is not None and session.failure is not None:
            controller.say("the learner's file has stopped the run; its error comes first")
            return
        lr = session.config.rates.at(first) * _FACTORS[by]
        beyond = session.trained - first
        later = any(start > first for start in session.config.rates.firsts)
        lost = [f"cuts off {_steps(beyond)} trained beyond"] * (beyond > 0) + ["drops the later changes"] * later
        question = f"η {lr:g} from step {first + 1} on {' and '.join(lost)}; the same key does it"
        if lost and controller.message != question:
            controller.say(question)
            return
        try:
            run.change_lr(lr, first)
        except InputError as error:
            controller.say(str(error))
            return
        cut = f"; {_steps(beyond)} cut off" if beyond > 0 else ""
        end = " (this is the last step: E adds epochs)" if first > run.last else ""
        controller.say(f"η {lr:g} from step {first + 1} on{cut}{end}")


def _steps(count: int) -> str:
    return f"{thousands(count)} step{'s' * (count != 1)}"

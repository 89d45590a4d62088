"""Predicting the numbers of the next phase. What is asked comes from `tui_linreg.study.predict`."""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tui_linreg.engine.errors import ReplayError
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.step import Verdict
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.feature import Feature

if TYPE_CHECKING:
    from tui_linreg.engine.training.session import Session
    from tui_linreg.study.predict.questions import Question
    from tui_linreg.study.progress import Progress
    from tui_linreg.tui.controller import Controller
    from tui_linreg.tui.features.predict.dialog import Predicted


class Predict(Feature):
    """Asks for the next phase's numbers, then goes there."""

    name = "predict"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._first: WeakKeyDictionary[Session, dict[tuple[int, str], bool]] = WeakKeyDictionary()
        """Run → (step from 0, quantity) → whether its first answer was right: it counts once."""

    def predict(self) -> None:
        """Ask for the next phase's numbers, then go there."""
        from tui_linreg.study.predict.known_error_values import facts_of  # torch
        from tui_linreg.study.predict.questions import questions
        from tui_linreg.tui.features.predict.dialog import PredictDialog

        controller, run = self.controller, self.controller.run
        aim = self._next_place()
        if aim is None:
            return
        session = run.session
        if run.missing(aim.step):
            session.train_to(aim.step + 1)
        try:
            step = run.step() if aim.step == run.cursor.step else session.step(aim.step)
        except ReplayError as error:
            controller.say(f"✗ {error}")
            return
        # Then torch's numbers are asked for: whatever is hidden, or a learner's own update got wrong.
        wrong = controller.hidden.secret or (session.author is not None and step.verdict is Verdict.DIFFERS)
        asked = questions(step, aim.phase, facts_of(session, aim.step, mistaken=wrong or None))
        if not asked:
            controller.say("nothing to predict here: the numbers are not finite")
            return

        def answered(result: Predicted | None) -> None:
            if result is None:
                return
            keys = [question.key for question in asked]
            tried.update(
                {(aim.step, key): right for key, right in zip(keys, result.right, strict=True) if right is not None}
            )
            controller.say(self._count(asked, result.right))
            for feature in controller.features.values():
                feature.predicted([*compress(keys, result.done)], [*compress(keys, result.solved)], aim.step)
            if all(result.done) and run is controller.run:  # a new run may have come meanwhile
                controller.go(aim)

        tried = self._first.setdefault(session, {})
        first = [tried.get((aim.step, question.key)) for question in asked]
        progress = controller.progress.progress
        controller.ask(PredictDialog(asked, progress.streak, progress.best_streak, first), answered)

    def _next_place(self) -> Cursor | None:
        """Return the next phase with a question; says so and returns None where there is none."""
        controller, run = self.controller, self.controller.run
        cursor = run.cursor
        for feature in reversed(controller.features.values()):
            if (place := feature.next_to_predict(cursor)) is not None:
                return place
        if cursor.phase is not Phase.UPDATE:
            return Cursor(cursor.step, Phase(cursor.phase + 1))
        if cursor.step == run.last:
            controller.say("the run ends here: nothing is left to predict")
        elif run.session.author is not None:
            controller.say(f"{run.session.author} computes the next mini-batch first: → goes there, then predict")
        elif not run.is_quick(cursor.step + 1):
            controller.say("this mini-batch takes long: go on to it first, then predict its phases")
        else:
            return Cursor(cursor.step + 1, Phase.PREDICT)
        return None

    def _count(self, asked: tuple[Question, ...], right: tuple[bool | None, ...]) -> str:
        """Count the answers that were judged (None: a demonstration), and return what to say of them."""
        judged = [(question.key, each) for question, each in zip(asked, right, strict=False) if each is not None]
        if not judged:
            return ""

        def count(progress: Progress) -> Progress:
            for key, each in judged:
                progress = progress.predicted(each, key)
            return progress

        keeper = self.controller.progress
        if note := keeper.change(count):
            return f"✗ {note}"
        return f"right at once: {sum(each for _, each in judged)} of {len(judged)}, {keeper.progress.streak} in a row"

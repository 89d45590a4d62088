"""Studying a run: the derivation of a phase, predicting the next. What is asked comes from `tui_linreg.study`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from tui_linreg.engine.phases import Phase
from tui_linreg.engine.verdict import Verdict
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.looking import LookingScreen

if TYPE_CHECKING:
    from tui_linreg.study.predict.questions import Question
    from tui_linreg.study.progress.file import Keeper
    from tui_linreg.study.progress.progress import Progress
    from tui_linreg.tui.dialogs.predict import Predicted

Answer = TypeVar("Answer")


class StudyingScreen(LookingScreen):
    """A run to look at, with questions about it."""

    _keeper: Keeper | None = None

    def _ask(self, dialog: Screen[Answer], answered: Callable[[Answer | None], None] | None = None) -> None:
        """Open a dialog; keys typed meanwhile wait for it."""
        release = self.app.key_queue.hold()
        self.app.push_screen(dialog, answered)
        dialog.call_after_refresh(release)

    def action_derivation(self) -> None:
        """Write out the chain rule of this phase."""
        from tui_linreg.tui.dialogs.derivation import DerivationDialog

        if self._refuse_hidden("derivation"):
            return
        explorer = self._ready()
        self._stop_playing()
        judged = not explorer.curtain.secret
        self._ask(
            DerivationDialog(explorer.step(), explorer.cursor.phase, judged=judged, blanks=explorer.curtain.blanks)
        )

    def action_predict(self) -> None:
        """Ask for the next phase's numbers, then go there."""
        from tui_linreg.study.predict.facts import facts_of
        from tui_linreg.study.predict.questions import questions
        from tui_linreg.tui.dialogs.predict import PredictDialog

        if self._refuse_when_busy() or self._refuse_hidden("predict"):
            return
        self._stop_playing()
        explorer = self._ready()
        aim = self._next_to_predict(explorer.cursor)
        if aim is None:
            return
        session = explorer.session
        if explorer.missing(aim.step):
            session.train_to(aim.step + 1)
        step = explorer.step() if aim.step == explorer.cursor.step else session.step(aim.step)
        # Then torch's numbers are asked for: whatever is hidden, or a learner's own update got wrong.
        wrong = explorer.curtain.secret or (session.author is not None and step.verdict is Verdict.DIFFERS)
        asked = questions(step, aim.phase, facts_of(session, aim.step, mistaken=wrong or None))
        if not asked:
            self._say("nothing to predict here: the numbers are not finite")
            return

        def answered(result: Predicted | None) -> None:
            if result is None:
                self.render_view()
                return
            said = self._count(asked, result.right)
            explorer.message = said
            if explorer is self.explorer:  # a new run may have come meanwhile
                self._go(aim)

        progress = self._progress().progress
        self._ask(PredictDialog(asked, progress.streak, progress.best_streak), answered)

    def _next_to_predict(self, cursor: Cursor) -> Cursor | None:
        """Return the next phase with a question; says so and returns None where there is none."""
        explorer = self._ready()
        if cursor.phase is not Phase.UPDATE:
            return Cursor(cursor.step, Phase(cursor.phase + 1))
        if cursor.step == explorer.last:
            self._say("the run ends here: nothing is left to predict")
            return None
        if explorer.session.author is not None:
            self._say(f"{explorer.session.author} computes the next mini-batch first: → goes there, then predict")
            return None
        if not explorer.is_cheap(cursor.step + 1):
            self._say("this mini-batch takes long: go on to it first, then predict its phases")
            return None
        return Cursor(cursor.step + 1, Phase.PREDICT)

    def _progress(self) -> Keeper:
        if self._keeper is None:
            from tui_linreg.study.progress.file import Keeper

            self._keeper = Keeper()
        return self._keeper

    def _count(self, asked: tuple[Question, ...], right: tuple[bool | None, ...]) -> str:
        """Count the answers that were judged (None: a demonstration), and return what to say of them."""
        judged = [(question.key, each) for question, each in zip(asked, right, strict=False) if each is not None]
        if not judged:
            return ""

        def count(progress: Progress) -> Progress:
            for key, each in judged:
                progress = progress.predicted(each, key)
            return progress

        keeper = self._progress()
        note = keeper.change(count)
        if note:
            return f"✗ {note}"
        streak = keeper.progress.streak
        return f"right at once: {sum(each for _, each in judged)} of {len(judged)}, {streak} in a row"

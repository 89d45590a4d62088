"""Find the mistake on the screen: starting a hunt, deciding it, and going back to the run from before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tui_linreg.engine.config import RunConfig
from tui_linreg.study.hunt import Hunt, public_run
from tui_linreg.study.hunt_text import LEVELS
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.hidden import NOTHING, Hidden, Visible
from tui_linreg.tui.look import ShownCharts
from tui_linreg.tui.run import Run, RunRequest

if TYPE_CHECKING:
    from tui_linreg.tui.controller import Controller
    from tui_linreg.tui.features.hunt.dialogs import Decision
    from tui_linreg.tui.features.hunt.reveal_dialog import Next
    from tui_linreg.tui.features.hunt.round import Round

_LOSS_ALONE = ShownCharts.of(2)
OVER = Hidden(notes=("hunt over · f goes on", "hunt over · f"))
"""When all is told nothing is hidden; the header says the way on."""


class Hunting(Feature):
    """A run in which a mistake is to be found."""

    name = "hunt"

    def __init__(self, controller: Controller) -> None:
        super().__init__(controller)
        self._round: Round | None = None
        """The round of the hunt's run in the stack."""
        self._drawn: Round | None = None
        """The round whose run is being loaded."""
        self._level = "verdicts"
        """The level chosen last."""

    @property
    def round(self) -> Round | None:
        """The round of the run on the screen: it is on, or over while its run is still there."""
        return self._round if self.controller.run.owner == "hunt" else None

    def hidden(self, run: Run) -> Hidden:
        return self._round.hidden if run.owner == "hunt" and self._round is not None else NOTHING

    def ended_by_a_new_run(self) -> str:
        return "" if self.round is None else "the hunt ends, and your own run from before it is forgotten"

    # ── beginning ────────────────────────────────────────────────────────────────────────────────────────────────

    def hunt(self) -> None:
        """Start a hunt; decide the one that is on; tell again the one that is over."""
        round = self.round
        if round is None:
            self._offer()
        elif round.outcome is None:
            self._ask_decision(round)
        else:
            self._reveal(round)

    def _offer(self) -> None:
        from tui_linreg.tui.features.hunt.dialogs import HuntStartDialog

        counts = self.controller.progress.progress.found
        found = [sum(n for (_, number), n in counts.items() if number == at + 1) for at in range(len(LEVELS))]
        own = self._run_to_hunt_in().session.config.mistake
        self.controller.ask(HuntStartDialog(self._level, found, own), self._start)

    def _run_to_hunt_in(self) -> Run:
        """Return the run whose options a new hunt takes."""
        return self.controller.runs.beneath_hunt() or self.controller.run

    def _start(self, level: str | None) -> None:
        if level is None:
            return
        from tui_linreg.tui.features.hunt import round as jobs

        self._level = level
        controller, session = self.controller, self._run_to_hunt_in().session
        config = public_run(session.config)
        job = jobs.draw(config, session.schedule, level, controller.screen.post_message, partial(self._load, config))
        controller.begin("hiding a mistake, or none", job)

    def _load(self, config: RunConfig, hunt: Hunt) -> None:
        from tui_linreg.tui.features.hunt.round import Round

        self._drawn = Round.of(hunt, config)
        self.controller.load(self._drawn.request)

    def run_began(self, request: RunRequest, before: Run | None) -> None:
        hunted = before is not None and before.owner == "hunt"
        undecided = hunted and self._round is not None and self._round.outcome is None
        drawn, self._drawn = self._drawn, None
        if drawn is not None and drawn.request is request:
            self._round = drawn
            self._show_what_may_be_seen(drawn)
        elif undecided:
            self.controller.message += "; the hunt is over, undecided"

    def _show_what_may_be_seen(self, round: Round) -> None:
        controller, message = self.controller, self.controller.message
        if round.hidden.sight is Visible.EPOCH_LOSSES:
            controller.show_charts(_LOSS_ALONE)
            controller.show_instrument("epoch_losses")
        elif round.hidden.sight is Visible.LOSS_CURVE:
            controller.show_instrument(None)
            controller.show_charts(_LOSS_ALONE)
        controller.message = message

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_decision(self, round: Round) -> None:
        from tui_linreg.tui.features.hunt.dialogs import HuntDialog

        def decided(decision: Decision | None) -> None:
            if decision == "told" and self.round is round:
                self._end(round)
                self._reveal(round)
            elif decision is not None:
                self._go_on(round, self._offer if decision == "again" else self._leave)

        self.controller.ask(HuntDialog(round), decided)

    def _go_on(self, round: Round, act: Callable[[], None]) -> None:
        if self.round is round:  # a new run may have come meanwhile
            act()

    def _end(self, round: Round) -> None:
        """Count a right answer; from now on nothing is hidden, and everything names the mistake."""
        outcome, controller = round.outcome, self.controller
        assert outcome is not None
        assert outcome.reveal is not None
        name, said = outcome.reveal.name, ""
        if outcome.right:
            note = controller.progress.change(lambda progress: progress.found_mistake(name or "none", round.number))
            said = f"✗ {note}" if note else ""
        if name is not None:
            controller.run.name_mistake(name)
        round.hidden = OVER
        controller.say(said)

    def _reveal(self, round: Round) -> None:
        from tui_linreg.tui.features.hunt.reveal_dialog import HuntRevealDialog, NothingRevealedDialog

        controller = self.controller
        dialog = HuntRevealDialog if round.mistaken_run() is not None else NothingRevealedDialog
        total = sum(controller.progress.progress.found.values())
        found = f"Found so far: {total}." if total else ""
        acts: dict[Next, Callable[[], None]] = {
            "go": partial(self._go_where_it_shows, round),
            "code": partial(self._show_its_code, round),
            "again": self._offer,
            "leave": self._leave,
        }

        def chosen(choice: Next | None) -> None:
            if choice is not None:
                self._go_on(round, acts[choice])

        controller.ask(dialog(round, controller.run.session, found, controller.work), chosen)

    def _go_where_it_shows(self, round: Round) -> None:
        reveal = None if round.outcome is None else round.outcome.reveal
        if reveal is not None and reveal.first_step is not None and reveal.phase is not None:
            self.controller.say("")
            self.controller.go(Cursor(reveal.first_step, reveal.phase))

    def _show_its_code(self, round: Round) -> None:
        from tui_linreg.tui.dialogs.code import CodeDialog

        reveal = None if round.outcome is None else round.outcome.reveal
        if reveal is not None and reveal.phase is not None:
            self.controller.ask(CodeDialog(reveal.phase, self.controller.run.session.scratch_type))

    def _leave(self) -> None:
        """Go back to the run from before, where it was left; runs that were kept meanwhile stay kept."""
        controller = self.controller
        before, kept = self._run_to_hunt_in(), controller.run.look.kept
        controller.back_to(before)
        before.look = replace(before.look, kept=kept)
        controller.say("the hunt is left: this is the run from before, where you left it")

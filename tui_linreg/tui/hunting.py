"""Find the mistake on the screen: starting a hunt, deciding it, and going back to one's own run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.hidden import Sight
from tui_linreg.tui.studying import StudyingScreen

if TYPE_CHECKING:
    from tui_linreg.tui.dialogs.hunt_decide import Decision
    from tui_linreg.tui.dialogs.hunt_reveal import Next
    from tui_linreg.tui.hunt_jobs import Drawn
    from tui_linreg.tui.hunt_round import Round
    from tui_linreg.tui.run import Explorer
    from tui_linreg.tui.run_request import RunRequest


class HuntingScreen(StudyingScreen):
    """A run to study, or one with a mistake to be found."""

    mistakes_found = 0
    """Rounds that were decided rightly since the app began."""
    _round: Round | None = None
    """The round that is on, or over while its run is still there."""
    _drawn: Round | None = None
    """The round whose run is being loaded."""
    _level = "verdicts"
    """The level chosen last."""

    @property
    def hunting(self) -> bool:
        """Whether a round is on that is not decided yet."""
        return self._round is not None and self._round.outcome is None

    @property
    def what_a_new_run_ends(self) -> str:
        """What the edit form says of the present run."""
        if self._round is None:
            return "the present one is forgotten unless p kept it"
        return "the hunt ends, and your own run from before it is forgotten"

    def action_hunt(self) -> None:
        """Start a hunt; decide the one that is on; tell again the one that is over."""
        if self._refuse_when_busy():
            return
        self._stop_playing()
        self.render_view()
        if self._round is None:
            self._offer_hunt()
        elif self._round.outcome is None:
            self._ask_decision(self._round)
        else:
            self._tell(self._round)

    def _offer_hunt(self) -> None:
        from tui_linreg.study.hunt_text import LEVELS
        from tui_linreg.tui.dialogs.hunt_start import HuntStartDialog

        counts = self._progress().progress.found
        found = [sum(n for (_, number), n in counts.items() if number == at + 1) for at in range(len(LEVELS))]
        own = self._own().session.config.mistake
        self._ask(HuntStartDialog(self._level, found, own), self._start_hunt)

    def _own(self) -> Explorer:
        """Return the learner's own run: the present one unless that is a hunt's."""
        return self._ready() if self._round is None else self._round.own

    def _start_hunt(self, level: str | None) -> None:
        if level is None:
            return
        from tui_linreg.study.hunt import public_run
        from tui_linreg.tui import hunt_jobs

        self._level = level
        session = self._own().session
        self._begin("hiding a mistake, or none")
        config = public_run(session.config)
        self.background.start(hunt_jobs.draw(config, session.schedule, level, self.post_message))
        self.render_view()

    def on_drawn(self, message: Drawn) -> None:
        """Load the run to hunt in."""
        from tui_linreg.tui.hunt_round import Round

        self._drawn = Round.of(message.hunt, self._own())
        self.load(self._drawn.request)
        self.render_view()

    def run_began(self, request: RunRequest, before: Explorer | None) -> None:
        """Begin the round whose run this is; any other run ends the hunt."""
        super().run_began(request, before)
        drawn, self._drawn = self._drawn, None
        left = self.hunting
        self._round = drawn if drawn is not None and drawn.request is request else None
        if self._round is not None:
            self._bring_up_what_is_seen()
        elif left:
            self._ready().message += "; the hunt is over, undecided"

    def _bring_up_what_is_seen(self) -> None:
        """Put what a level leaves to be seen on the screen."""
        explorer = self._ready()
        sight, message = explorer.curtain.sight, explorer.message
        if sight is Sight.EPOCH_LOSSES:
            self._pane_of(2).choose(2)
            self._show_panel("epoch_losses")
        elif sight is Sight.LOSS_CURVE:
            self._show_panel(None)
            self.action_chart(2)
        explorer.message = message

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _ask_decision(self, round: Round) -> None:
        from tui_linreg.tui.dialogs.hunt_decide import HuntDialog

        def decided(decision: Decision | None) -> None:
            if self._round is not round:  # a new run may have come meanwhile
                return
            match decision:
                case "told":
                    self._end(round)
                    self._tell(round)
                case "again":
                    self._offer_hunt()
                case "leave":
                    self._leave(round)

        self._ask(HuntDialog(round), decided)

    def _end(self, round: Round) -> None:
        """Count a right answer, and lift the curtain: from now on everything names the mistake."""
        from tui_linreg.tui.hunt_round import OVER

        outcome, explorer = round.outcome, self._ready()
        assert outcome is not None
        assert outcome.reveal is not None
        name, said = outcome.reveal.name, ""
        if outcome.right:
            self.mistakes_found += 1
            keeper = self._progress()
            level = round.number
            note = keeper.change(lambda progress: progress.found_mistake(name or "none", level))
            said = f"✗ {note}" if note else ""
        if name is not None:
            self._name_mistake(explorer, name)
        explorer.curtain, explorer.message = OVER, said
        self.render_view()

    def _name_mistake(self, explorer: Explorer, name: str) -> None:
        """Have everything know from now on which mistake was planted in a run."""
        from tui_linreg.engine.analysis.instruments import Instruments

        explorer.session.reveal(name)
        explorer.instruments = Instruments(explorer.session)
        explorer.facts = replace(explorer.facts, notices=explorer.session.notices)
        if explorer is self.explorer:
            self._config = explorer.session.config

    def _tell(self, round: Round) -> None:
        from tui_linreg.tui.dialogs.hunt_reveal import HuntRevealDialog, NothingRevealedDialog

        explorer, dialog = self._ready(), HuntRevealDialog
        if round.mistaken_run() is None:
            dialog = NothingRevealedDialog
        total = sum(self._progress().progress.found.values())
        found = f"Found so far: {total}." if total else ""

        def chosen(what: Next | None) -> None:
            if self._round is not round:
                return
            match what:
                case "go":
                    self._go_where_it_shows(round)
                case "code":
                    self._show_its_code(round)
                case "again":
                    self._offer_hunt()
                case "leave":
                    self._leave(round)

        self._ask(dialog(round, explorer.session, found, self.background), chosen)

    def _go_where_it_shows(self, round: Round) -> None:
        told = None if round.outcome is None else round.outcome.reveal
        if told is not None and told.first_step is not None and told.phase is not None:
            self._ready().message = ""
            self._go(Cursor(told.first_step, told.phase))

    def _show_its_code(self, round: Round) -> None:
        from tui_linreg.tui.dialogs.code import CodeDialog

        told = None if round.outcome is None else round.outcome.reveal
        if told is not None and told.phase is not None:
            self._ask(CodeDialog(told.phase, self._ready().session.scratch_type))

    def _leave(self, round: Round) -> None:
        """Go back to the learner's own run, where it was left."""
        own, hunted = round.own, self._ready()
        own.ghosts, own.log_y, own.surface = hunted.ghosts, hunted.log_y, hunted.surface
        panel = own.panel
        self.explorer, self._round = own, None
        self._config = own.session.config
        self._show_panel(panel)
        self._say("the hunt is left: this is the run from before, where you left it")

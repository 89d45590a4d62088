"""What happens on the main screen: a command is refused or done, the features look at the new state, a frame is drawn.

The controller has no widget of its own: it holds the stack of runs, the long work, and what is said, and tells the
screen what to show. The path of a key: `do` → a method of the feature → `changed` → one `View` to all panes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.errors import ReplayError
from tui_linreg.settings import Settings
from tui_linreg.tui import jobs
from tui_linreg.tui.background import Background, Work
from tui_linreg.tui.commands import BY_ID, Command, Needs, shown
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.dialogs.base import Dialog
from tui_linreg.tui.ending import ending
from tui_linreg.tui.feature import Feature
from tui_linreg.tui.features import FEATURES
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.instruments.records import PANELS
from tui_linreg.tui.look import Look, ShownCharts
from tui_linreg.tui.mode import Mode
from tui_linreg.tui.player import Player
from tui_linreg.tui.run import Run, RunRequest, RunStack
from tui_linreg.tui.view import View

if TYPE_CHECKING:
    from tui_linreg.study.progress_file import Keeper
    from tui_linreg.study.student.student import Student
    from tui_linreg.tui.app import LinRegApp
    from tui_linreg.tui.main_screen import MainScreen

Answer = TypeVar("Answer")


class Controller:
    """The state of the main screen, and the one way to change it.

    Args:
        screen: shows what is to be seen.
        config: the run to begin with.
        settings: the user's.
        student: whose `update` the hand-written model does; None: the program's own.
        lessons_folder: a folder with more lessons than those that come with the program.
    """

    def __init__(
        self,
        screen: MainScreen,
        config: RunConfig,
        settings: Settings,
        student: Student | None = None,
        lessons_folder: str | None = None,
    ) -> None:
        self.screen = screen
        self.settings = settings
        self.student = student
        self.lessons_folder = lessons_folder
        self.runs = RunStack()
        self.work = Work()
        self.player = Player(self, settings.speed)
        self.instrument_work = Background()
        self.message = ""
        """What the last command did or why it could not; empty when there is nothing to say."""
        self.first_config = config
        """The options that the app was started with."""
        self._keeper: Keeper | None = None
        self.mode: Mode | None = None
        """What some keys do instead, while it is on."""
        self.release_keys: Callable[[], object] = lambda: None
        """Lets keys through that wait for the first run."""
        self.features: dict[str, Feature] = {make.name: make(self) for make in FEATURES}

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def app(self) -> LinRegApp:
        """The app."""
        return self.screen.app

    @property
    def loaded(self) -> bool:
        """Whether there is a run to step through."""
        return self.runs.top is not None

    @property
    def run(self) -> Run:
        """The run on the screen. Commands wait until there is one."""
        run = self.runs.top
        assert run is not None
        return run

    @property
    def look(self) -> Look:
        """How the run on the screen is looked at, before there is one how the first will be."""
        return self.run.look if self.loaded else Look()

    @property
    def config(self) -> RunConfig:
        """The options of the run on the screen, before there is one those to begin with."""
        return self.run.session.config if self.loaded else self.first_config

    @property
    def hidden(self) -> Hidden:
        """What a frame of the run on the screen must not show."""
        found = NOTHING
        for feature in self.features.values():
            found |= feature.hidden(self.run)
        return found

    @property
    def right_parts(self) -> tuple[str, ...]:
        """The parts of a learner's file that are right over the run on the screen."""
        return tuple(sorted(part for feature in self.features.values() for part in feature.right_parts(self.run)))

    @property
    def progress(self) -> Keeper:
        """What the learner has done, in a file, and where a browser shows the app in none."""
        if self._keeper is None:
            from tui_linreg.study.progress_file import Keeper, PassingKeeper

            self._keeper = PassingKeeper() if self.app.is_web else Keeper()
        return self._keeper

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────

    def do(self, id: str) -> None:
        """Do a command of `tui_linreg.tui.commands.COMMANDS`, or say why it cannot be done now."""
        if not self.loaded:
            return
        command = BY_ID[id]
        if self.mode is not None and id in self.mode.takes and not self._comes_first(id):
            self.say("")
            self.mode.takes[id]()
        elif why := self._refusal(command):
            self.say(why)
        else:
            if self.mode is not None and not self.mode.stays(command):
                self.leave_mode()
            if Needs.STILL in command.needs:
                self.player.stop()
            method = getattr(self.features[command.feature], command.method)
            method(*(() if command.argument is None else (command.argument,)))
        self.changed()

    def _comes_first(self, id: str) -> bool:
        return any(feature.comes_first(id) for feature in self.features.values())

    def enter_mode(self, mode: Mode) -> None:
        """Turn a mode on, in the place of another one."""
        self.leave_mode()
        self.mode = mode
        self.say("")

    def leave_mode(self) -> None:
        """Turn the mode off that is on, if one is."""
        self.mode = None

    def _refusal(self, command: Command) -> str:
        busy = self.busy_refusal() if Needs.IDLE in command.needs else ""
        return busy or self.hidden.refusal(command.while_hidden)

    def busy_refusal(self) -> str:
        """Return why something has to wait for the work under way; empty where there is none."""
        return "" if self.work.busy is None else "still at work: space stops it"

    def refuse_when_busy(self) -> bool:
        """Say so and return True while work is under way."""
        if why := self.busy_refusal():
            self.say(why)
        return bool(why)

    def say(self, message: str) -> None:
        """Put a message on the status line of the next frame."""
        self.message = message

    def ask(self, dialog: Dialog[Answer], answered: Callable[[Answer | None], None] | None = None) -> None:
        """Open a dialog; keys that are typed meanwhile wait for it. A frame follows its answer."""

        def closed(answer: Answer | None) -> None:
            if answered is not None:
                answered(answer)
            self.changed()

        release = self.app.key_queue.hold()
        self.app.push_screen(dialog, closed)
        dialog.call_after_refresh(release)
        for feature in self.features.values():
            feature.dialog_opened(dialog.NAME)

    def changed(self) -> None:
        """Let the features look at the new state, then show it. Nothing but this draws."""
        if not self.loaded:
            return
        for feature in self.features.values():
            feature.state_changed()
        if self.mode is not None and not self.mode.state_changed():
            self.leave_mode()
        view = self.frame()
        if self.mode is not None:
            view = self.mode.seen(view).without_mode_keys(self._comes_first)
        self.screen.show(view)
        for feature in self.features.values():
            feature.frame_shown(view)

    def frame(self) -> View:
        """Return the frame of the run on the screen, without what a mode changes of it."""
        run, features = self.run, self.features.values()
        return run.view(
            self.screen.text_styles,
            self.screen.marker,
            playing=self.player.playing,
            speed=self.player.speed,
            busy=self.work.busy,
            message=self.message,
            hidden=self.hidden,
            error_line=next((line for feature in features if (line := feature.error_line(run))), None),
            lesson=next((lesson for feature in features if (lesson := feature.lesson_view())), None),
        )

    # ── moving and playing ───────────────────────────────────────────────────────────────────────────────────────

    def go(self, cursor: Cursor) -> None:
        """Go to a place of the run, at once or in the background.

        Says why and stays while other work is under way, and where the step cannot be shown again.
        """
        run = self.run
        quick = run.is_quick(cursor.step)
        if (run.missing(cursor.step) or not quick) and self.refuse_when_busy():
            return
        if quick:
            try:
                run.go(cursor)
            except ReplayError as error:
                self.player.stop()
                self.say(f"✗ {error}")
        else:
            self.begin("training" if run.missing(cursor.step) else "computing",
                       jobs.reach(run.session, cursor, self.screen.post_message, run.look.kept))  # fmt: skip

    def move(self, name: str) -> None:
        """Make one of `tui_linreg.tui.cursor.MOVES`."""
        aim, self.message = self.run.target(name)
        if aim == self.run.cursor and not self.message:
            self.say_end()
        self.go(aim)

    def say_end(self, before: str = "") -> None:
        """Say at the end of the run how it stands, as far as that may be seen; `before` is why it ended there."""
        self.message = ending(self.run, self.hidden, self.screen.size.width - 2, before)

    # ── what is looked at ────────────────────────────────────────────────────────────────────────────────────────

    def show_charts(self, charts: ShownCharts) -> None:
        """Show other charts than now; where one has no place beside the numbers, it takes theirs."""
        if charts.numbers and self.screen.page_covers(charts=True):
            self.put_page_away()
        self.run.look = replace(self.run.look, charts=charts)
        self.screen.bring_up(charts)
        self.message = ""

    def show_instrument(self, name: str | None) -> None:
        """Show an instrument in the place of the samples, its charts beside it; None: the samples."""
        self.run.look = self.run.look.with_instrument(name)
        self.screen.layout_again()
        if name is None:
            self.message = ""
        else:
            on, back, away = map(self._key_of, ("panel.next", "panel.previous", f"panel.{name}"))
            self.message = PANELS[name].opened(on, back, away, self.screen.size.width - 2)

    def _key_of(self, command: str) -> str:
        return shown(self.settings.keys.get(command, BY_ID[command].keys))[0]

    def put_page_away(self) -> None:
        """Put a lesson's page away."""
        for feature in self.features.values():
            feature.put_page_away()
        self.screen.make_room_for_page(False)

    # ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def opened(self) -> None:
        """Begin to load when the first frame is on the screen; keys wait for the run."""
        self.release_keys = self.app.key_queue.hold()
        self.work.begin("loading")
        for feature in self.features.values():
            feature.opened()
        self.screen.call_after_refresh(self.load, self.own_request(self.first_config))

    def own_request(self, config: RunConfig, texts: Mapping[str, str] | None = None) -> RunRequest:
        """Return the request for a run of the user's own; `texts` is the form that asks for it, if one does."""
        request = RunRequest(config, texts)
        for feature in self.features.values():
            request = feature.complete(request)
        return request

    def load(self, request: RunRequest) -> None:
        """Load another run while the present one stays."""
        self.player.stop()
        self.begin("loading", jobs.load(request, self.screen.post_message))

    def begin(self, what: str, job: jobs.Job) -> None:
        """Begin long work."""
        self.message = ""  # what was said before is not about this work
        self.work.begin(what, job)

    def back_to(self, run: Run) -> None:
        """Show a run again that others lie upon: they are dropped, and it is looked at as before."""
        self.player.stop()
        self.runs.back_to(run)
        self.screen.layout_again()

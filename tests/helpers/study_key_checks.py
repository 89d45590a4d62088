"""What the keys for studying must do; `test_app_keys` presses them."""

from __future__ import annotations

from app_helpers import App, Driver, answer_rightly, lines, text, wait
from key_checks import checks

from tui_linreg.engine.phases import Phase
from tui_linreg.study.predict.known_error_values import facts_of
from tui_linreg.study.predict.questions import Question, questions
from tui_linreg.study.progress_file import load
from tui_linreg.tui.cursor import Cursor
from tui_linreg.tui.features.hunt.dialogs import HuntDialog, HuntStartDialog
from tui_linreg.tui.features.hunt.reveal_dialog import HuntRevealDialog
from tui_linreg.tui.features.predict.dialog import PredictDialog
from tui_linreg.tui.features.reading.derivation_dialog import DerivationDialog
from tui_linreg.tui.features.student.new_file import NewFileDialog
from tui_linreg.tui.run import Run


def _explorer(app: App) -> Run:
    return app.controller.run


def _asked(app: App, step: int, phase: Phase) -> tuple[Question, ...]:
    session = _explorer(app).session
    return questions(session.step(step), phase, facts_of(session, step))


async def _answer(app: App, pilot: Driver, asked: tuple[Question, ...]) -> None:
    await wait(pilot, lambda: isinstance(app.screen, PredictDialog))
    for question in asked:
        await answer_rightly(app, pilot, f"{question.true:.3g}")
    await wait(pilot, lambda: app.screen is app.main)


@checks("derivation")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press("left", key)
    await wait(pilot, lambda: isinstance(app.screen, DerivationDialog))
    await wait(pilot, lambda: "∂ŷ/∂w" in text(app))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)


@checks("student")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, NewFileDialog))
    await wait(pilot, lambda: "is written into" in text(app))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)


@checks("predict")
async def _(app: App, pilot: Driver, key: str) -> None:
    await pilot.press(*["left"] * 6)
    assert _explorer(app).cursor == Cursor(0, Phase.BATCH)
    for phase in (
        Phase.PREDICT,
        Phase.LOSS,
        Phase.ERROR_SIGNAL,
        Phase.BIAS_GRADIENT,
        Phase.WEIGHT_GRADIENT,
        Phase.UPDATE,
    ):
        await pilot.press(key)
        await _answer(app, pilot, _asked(app, 0, phase))
        assert _explorer(app).cursor == Cursor(0, phase)
    assert load().progress.streak == 7
    assert "7 in a row" in text(app)
    await pilot.press(key)  # the next mini-batch, whose numbers stay unseen
    await wait(pilot, lambda: isinstance(app.screen, PredictDialog))
    await pilot.press("escape")
    await wait(pilot, lambda: app.screen is app.main)
    assert _explorer(app).cursor == Cursor(0, Phase.UPDATE)
    assert "1/2" in lines(app)[0]


@checks("hunt")
async def _(app: App, pilot: Driver, key: str) -> None:
    own = _explorer(app)
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, HuntStartDialog))
    await pilot.press("enter")
    await wait(pilot, lambda: app.controller.run is not own)
    assert "f decides" in lines(app)[0]
    await pilot.press(key)
    await wait(pilot, lambda: isinstance(app.screen, HuntDialog))
    await pilot.press("u", "u")
    await wait(pilot, lambda: isinstance(app.screen, HuntRevealDialog))
    await pilot.press("l")
    assert app.controller.run is own

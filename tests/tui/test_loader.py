"""Loading: what is taken out of the garbage collector's sight is what stays, and nothing of a run."""

from __future__ import annotations

import gc

from tui_linreg.engine.config import RunConfig
from tui_linreg.tui import loader
from tui_linreg.tui.run import RunRequest


def test_only_the_first_load_keeps_objects_from_the_collector() -> None:
    loader.load(RunRequest(RunConfig()), lambda stage: None)
    frozen = gc.get_freeze_count()
    assert frozen
    run = loader.load(RunRequest(RunConfig(lr=0.02)), lambda stage: None)
    loader.load(RunRequest(RunConfig(lr=0.03)), lambda stage: None)
    assert gc.get_freeze_count() <= frozen
    assert any(each is run for each in gc.get_objects())

"""No line of the phase pane claims "=" or "≠" falsely."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from derivation_helpers import fraction
from engine_helpers import line_data, on_data, phases_of, small, trained
from hypothesis import given, settings
from hypothesis import strategies as st
from panel_views import run_at, view_of

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.training.session import Session
from tui_linreg.tui.hidden import NOTHING, Hidden
from tui_linreg.tui.panes.phase import PhasePanel
from tui_linreg.tui.panes.tables import Samples

SIGN = re.compile(" ?([=≈≠≟←]) ")


def pane_lines(session: Session, step: int, phase: Phase, width: int = 100, hidden: Hidden = NOTHING) -> list[str]:
    """The lines of the phase pane below the general formula."""
    view = view_of(run_at(session, step, phase), hidden=hidden)
    return [strip.text.rstrip() for strip in PhasePanel().build(view, width, 4)][1:]


def relations(lines: list[str]) -> list[tuple[str, str, str]]:
    """(left, sign, right) of each sign; a line that begins with a sign goes on from the line before."""
    found = []
    before = ""
    for line in lines:
        parts = SIGN.split(" " + line)
        first, *rest = parts
        left = first.strip() or before
        for sign, right in zip(rest[::2], rest[1::2], strict=True):
            found.append((left, sign, right.strip()))
            left = right.strip()
        before = left
    return found


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 12),
    size=st.integers(1, 8),
    whole=st.booleans(),
    scale=st.sampled_from([1e-9, 1.0, 50.0, 1e6]),
    dtype=st.sampled_from(["float64", "float32"]),
    mistake=st.sampled_from([None, *MISTAKES]),
    lr=st.sampled_from([0.5, 0.01, 0.0123456789, 3.0]),
    width=st.sampled_from([56, 76, 90, 150]),
)
def test_equal_means_equal(
    seed: int, n: int, size: int, whole: bool, scale: float, dtype: str, mistake: str | None, lr: float, width: int
) -> None:
    x, y = line_data(seed, n, scale, 0, scale)
    if whole:
        x, y = x.round(), y.round()
    options: dict[str, Any] = {"lr": lr, "dtype": dtype, "epochs": 2, "batch_size": size}
    if mistake is not None:
        options["mistake"] = mistake
    session = trained(on_data(x, y, **options))
    for index in {0, session.trained - 1}:
        for phase in Phase:
            lines = pane_lines(session, index, phase, width)
            for left, sign, right in relations(lines):
                a, b = fraction(left), fraction(right)
                if a is not None and b is not None:
                    assert (sign == "=") <= (a == b), lines
                    assert (sign == "≈") <= (a != b), lines
                elif "…" in left:
                    assert sign != "=" or b is None, lines


@pytest.mark.parametrize("name", sorted(MISTAKES))
def test_a_mistake_is_not_equal_in_its_own_phase_alone(name: str) -> None:
    session = trained(small(mistake=name), 5)
    first = MISTAKES[name].first_step(session.schedule)
    assert first is not None
    signs = {phase: {sign for _, sign, _ in relations(pane_lines(session, first, phase))} for phase in Phase}
    assert {phase for phase in Phase if "≠" in signs[phase]} == set(phases_of(name).values())
    for phase in Phase:
        secret = {sign for _, sign, _ in relations(pane_lines(session, first, phase, hidden=Hidden(secret=True)))}
        assert "≠" not in secret
        assert ("≟" in secret) == (phase is not Phase.BATCH)


@pytest.mark.parametrize("name", ["no-x", "sum"])
def test_a_sum_that_is_none_is_marked_at_the_foot_of_the_samples(name: str) -> None:
    session = trained(small(mistake=name), 5)

    def foot(hidden: Hidden) -> str:
        view = view_of(run_at(session, 0), hidden=hidden)
        return [strip.text for strip in Samples().build(view, 92, 8)][-1]

    assert foot(NOTHING).count("≠") == (1 if name == "no-x" else 0)  # the wrong error signal has a right sum
    assert "≠" not in foot(Hidden(secret=True))
    assert "≠" not in foot(Hidden(blanks=frozenset({"dloss_dpred"})))


def test_an_update_that_is_wrong_in_w_alone_is_not_equal_there_alone() -> None:
    session = trained(small(), 2)
    run = run_at(session, 1)
    step = session.step(1)
    run.arrive(replace(step, scratch=replace(step.scratch, w_after=step.scratch.w_after + 1)))
    strips = PhasePanel().build(view_of(run), 100, 4)
    b, w = (strip.text for strip in strips[1:3])
    assert "≠" not in b
    assert "≠" in w


def test_the_equals_signs_stand_below_each_other() -> None:
    session = trained(small(), 2)
    for index in (0, 1):  # from ŷ₀ and from ŷ₃₃ on
        lines = pane_lines(session, index, Phase.PREDICT)
        assert len({SIGN.search(line).start() for line in lines}) == 1  # type: ignore[union-attr]

"""Find the mistake: what is planted, that nothing tells it too early, and how guesses are judged."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, fields, replace

import pytest
from engine_helpers import small, trained
from hunt_helpers import gives_away
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import PHASES, QUANTITIES, Phase
from tui_linreg.engine.schedule import Schedule
from tui_linreg.study import hunt as hunting
from tui_linreg.study.derivation.derivation import as_text, derivation
from tui_linreg.study.hunt import Hunt, choices, give_up, judge, new_hunt, planted
from tui_linreg.study.hunt_text import CHOICE_TEXTS, LEVELS, closeness

DEFAULT = Schedule(100, 33, 16)


def hunts(schedule: Schedule = DEFAULT, level: str = "verdicts") -> dict[str | None, Hunt]:
    """One hunt for each secret that can be drawn."""
    found: dict[str | None, Hunt] = {}
    for seed in range(400):
        hunt = new_hunt(schedule, level, seed)
        found.setdefault(planted(hunt), hunt)
    return found


def number(hunt: Hunt, key: str) -> int:
    return next(choice.number for choice in choices(hunt) if choice.text == CHOICE_TEXTS[key])


def test_all_are_drawn_and_none_a_fifth_of_the_time() -> None:
    counts = Counter(planted(new_hunt(DEFAULT, source=seed)) for seed in range(3000))
    assert set(counts) == {None, *MISTAKES}
    assert 500 < counts[None] < 700
    assert all(190 < counts[name] < 350 for name in MISTAKES)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 60), st.integers(1, 80), st.integers(1, 3), st.integers(0, 2**32 - 1), st.sampled_from(list(LEVELS))
)
def test_what_is_planted_shows_in_the_run(n: int, size: int, epochs: int, seed: int, level: str) -> None:
    hunt = new_hunt(Schedule(n, min(size, n), epochs), level, seed)
    secret = planted(hunt)
    assert secret is None or MISTAKES[secret].first_step(hunt.schedule) is not None
    texts = [choice.text for choice in choices(hunt)]
    assert len(set(texts)) == len(texts)
    assert [choice.number for choice in choices(hunt)] == list(range(1, len(texts) + 1))
    assert secret is None or CHOICE_TEXTS[secret] in texts
    assert (CHOICE_TEXTS["cannot-tell"] in texts) == (level == "loss curve")
    assert new_hunt(hunt.schedule, level, seed) == hunt


def test_a_random_source_gives_the_seed_and_bad_ones_are_refused() -> None:
    drawn = new_hunt(DEFAULT, source=random.Random(4))
    assert drawn == new_hunt(DEFAULT, source=random.Random(4)) == new_hunt(DEFAULT, source=drawn.seed)
    assert new_hunt(DEFAULT).seed != new_hunt(DEFAULT).seed
    for seed in (-1, 2**32):
        with pytest.raises(ValueError, match="seed"):
            new_hunt(DEFAULT, source=seed)
    with pytest.raises(ValueError, match="one of verdicts, epoch losses, loss curve"):
        new_hunt(DEFAULT, "hard")


def test_what_the_data_hide_is_neither_planted_nor_offered() -> None:
    for seed in range(60):
        hunt = new_hunt(DEFAULT, source=seed, has_effect=lambda name: name in ("sum", "stale"))
        assert planted(hunt) in (None, "sum", "stale")
        offered = {choice.text for choice in choices(hunt)}
        assert all(CHOICE_TEXTS[name] not in offered for name in hunt.left_out)
        assert planted(hunt) not in hunt.left_out
    assert planted(new_hunt(DEFAULT, source=1, has_effect=lambda name: False)) is None


def test_the_verdicts_say_what_the_data_hide() -> None:
    ordinary = hunting.has_effect_in(RunConfig(samples=120, device="cpu"))
    assert [name for name in MISTAKES if not ordinary(name)] == []
    tiny = hunting.has_effect_in(RunConfig(samples=120, device="cpu", lr=1e-300))
    assert [name for name in MISTAKES if not tiny(name)] == ["stale"]  # b + η ∂L/∂b is b itself
    even = hunting.has_effect_in(RunConfig(samples=120, batch_size=50, device="cpu"))
    assert [name for name in MISTAKES if not even(name)] == ["divide-by-batch-size"]


# ── nothing tells it before the decision ─────────────────────────────────────────────────────────────────────────────


def public_texts(hunt: Hunt) -> list[str]:
    """Everything of a hunt that a screen, a log or a file could hold before the decision, choices apart."""
    texts = [
        repr(hunt),
        str(hunt),
        json.dumps(asdict(hunt)),
        f"{hunt}",
        *(repr(getattr(hunt, f.name)) for f in fields(hunt)),
    ]
    return [*texts, repr(hunting.public_run(replace(RunConfig(), mistake=hunting.planted(hunt))))]


@pytest.mark.parametrize("level", LEVELS)
def test_no_text_of_a_hunt_holds_the_secret(level: str) -> None:
    for secret, hunt in hunts(level=level).items():
        if secret is None:
            continue
        mistake = MISTAKES[secret]
        after = judge(hunt, next(c.number for c in choices(hunt) if not judge(hunt, c.number).right))
        for text in [*public_texts(hunt), *public_texts(after.hunt), repr(after), after.hint]:
            for words in (mistake.name, mistake.title, mistake.wrong, mistake.explanation):
                assert words not in text.replace("error signal", "")
        offered = " ".join(repr(choice) for choice in choices(hunt))
        for words in (mistake.title, mistake.correct, mistake.explanation):
            assert words not in offered
        # The wrong formulas of all that could be planted stand there, so that none of them tells which is.
        assert [choice.formula for choice in choices(hunt)] == [
            next((m.wrong for m in MISTAKES.values() if m.choice == choice.text), "") for choice in choices(hunt)
        ]


def test_what_is_offered_does_not_depend_on_what_is_planted() -> None:
    found = {frozenset(choice.text for choice in choices(hunt)) for hunt in hunts().values()}
    assert len(found) == 1
    places = Counter(
        number(hunt, str(planted(hunt))) for hunt in (new_hunt(DEFAULT, source=s) for s in range(900)) if planted(hunt)
    )
    assert set(places) == set(range(1, len(MISTAKES) + 1))
    assert max(places.values()) < 2 * min(places.values())  # no place is the planted one's


def test_the_run_to_hunt_in_has_the_mistake_and_the_public_one_has_not() -> None:
    for secret, hunt in hunts().items():
        run = replace(RunConfig(lr=0.5), mistake=hunting.planted(hunt))
        assert (run.mistake, run.lr) == (secret, 0.5)
        assert hunting.public_run(run) == RunConfig(lr=0.5)


def test_gives_away_finds_what_would() -> None:
    for secret, hunt in hunts().items():
        if secret is None:
            continue
        session = small(mistake=secret)
        said = str(session.mistake_notice)
        assert gives_away(hunt, said)
        mistake = MISTAKES[secret]
        for text in (
            f"kept as B: η 0.1 · {secret}",
            f'{{"mistake": "{secret}"}}',
            f"--mistake {secret}",
            mistake.title,
            f"│ {mistake.wrong} │",
            f"--mistake={secret}",
            "Sign.error_signal · engine/models/mistakes.py:23",
            mistake.explanation.replace(" ", "\n", 3),
            repr(session.config),
            f"run A, {secret}, 16 epochs",
        ):
            assert gives_away(hunt, text), text
        trained(session, 2)
        right = " ".join(
            [*(f"{p.name} {p.formula} {p.why}" for p in PHASES), *(q.formula for q in QUANTITIES), repr(hunt)]
        )
        for phase in Phase:
            right += as_text(derivation(session.step(1), phase, index_notation=True, judged=False))
        assert gives_away(hunt, right) is None
        assert gives_away(hunt, f"{mistake.correct} {mistake.hint}") is None


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", ["verdicts", "epoch losses"])
def test_right_is_the_planted_one_alone(level: str) -> None:
    for secret, hunt in hunts(level=level).items():
        right = [choice.text for choice in choices(hunt) if judge(hunt, choice.number).right]
        assert right == [CHOICE_TEXTS["none" if secret is None else secret]]
        told = judge(hunt, number(hunt, secret or "none"))
        assert told.hint == ""
        assert told.reveal == give_up(hunt).reveal
        assert told.reveal is not None
        assert told.reveal.name == secret
        if secret is not None:
            mistake = MISTAKES[secret]
            assert (told.reveal.wrong, told.reveal.correct) == (mistake.wrong, mistake.correct)
            assert told.reveal.first_step == mistake.first_step(DEFAULT)
            assert told.reveal.loss_gives_it_away == mistake.loss_gives_it_away


def test_with_the_curve_alone_it_cannot_be_told() -> None:
    for secret, hunt in hunts(level="loss curve").items():
        right = [choice.text for choice in choices(hunt) if judge(hunt, choice.number).right]
        assert right == [CHOICE_TEXTS[secret if secret and MISTAKES[secret].curve_tells else "cannot-tell"]]
        for choice in choices(hunt):
            outcome = judge(hunt, choice.number)
            assert outcome.right == (outcome.hint == "") == (outcome.reveal is not None)


def test_hints_narrow_by_the_phase() -> None:
    hunt = hunts()["no-x"]
    first = judge(hunt, number(hunt, "missing-2"))
    assert (first.right, first.reveal) == (False, None)
    assert first.hint == "That would first show in epoch 1, batch 1, phase 4 (error signal). Look at a later phase."
    second = judge(first.hunt, number(hunt, "stale"))
    assert second.hint == "Look at phase 6, weight gradient."
    third = judge(second.hunt, number(hunt, "double-mean"))
    assert third.hint == "Look at phase 6, weight gradient. " + MISTAKES["no-x"].hint
    assert third.hunt.attempts == tuple(number(hunt, name) for name in ("missing-2", "stale", "double-mean"))
    assert judge(third.hunt, number(hunt, "no-x")).right
    assert judge(hunt, number(hunt, "none")).hint == "There is one. It first shows in epoch 1, batch 1."
    late = hunts()["divide-by-batch-size"]
    assert judge(late, number(late, "none")).hint.endswith("in epoch 1, batch 4.")
    second_epoch = hunts(Schedule(8, 8, 2))["no-zero-grad"]
    assert judge(second_epoch, number(second_epoch, "none")).hint.endswith("in epoch 2, batch 1.")
    for bad in (0, -1, len(choices(hunt)) + 1):
        with pytest.raises(ValueError, match="choice"):
            judge(hunt, bad)


def test_two_mistakes_with_the_same_numbers_are_both_right() -> None:
    """Where every batch is half the train set, dividing by n is dividing by 2 m: the 2 is gone."""
    one, other = (trained(small(mistake=name, batch_size=50)) for name in ("missing-2", "divide-by-n"))
    assert one.timeline.states(32)[0] == pytest.approx(other.timeline.states(32)[0], rel=1e-12)
    for secret in ("missing-2", "divide-by-n"):
        for size, many in ((50, 2), (33, 1), (25, 1)):
            hunt = hunts(Schedule(100, size, 16))[secret]
            assert sum(judge(hunt, choice.number).right for choice in choices(hunt)) == many


# ── how close the curves are ─────────────────────────────────────────────────────────────────────────────────────────


def test_closeness_says_it_with_the_runs_own_numbers() -> None:
    session = trained(small(mistake="divide-by-batch-size", samples=10_100))
    curves = [[losses.mse_v for losses in session.epoch_log(side)] for side in (0, 1)]
    ours, right = curves[0][-1], curves[1][-1]
    assert (round(ours, 1), round(right, 1)) == (180.1, 178.2)
    assert closeness(*curves) == (
        f"After 16 epochs the validation loss is {ours:.6g} beside {right:.6g} of the right model "
        f"({100 * (ours / right - 1):.2g} % above); from epoch to epoch it never rises."
    )


def test_closeness_of_odd_curves() -> None:
    inf, nan = float("inf"), float("nan")
    assert "the very same" in closeness([3.0, 2.0], [3.0, 2.0])
    assert "50 % below" in closeness([3.0, 1.0], [3.0, 2.0])
    assert "36 times as much); from epoch to epoch it rises" in closeness([3.0, 72.0], [3.0, 2.0])
    for ours, right in ((inf, 2.0), (nan, 2.0), (nan, nan), (2.0, inf), (1.0, 0.0), (1e300, 1e-300)):
        assert "not to be compared" in closeness([ours], [right])
    assert "overflows" in closeness([1.0, inf], [1.0, 1.0])
    assert "the very same" in closeness([0.0], [0.0])
    for pair in (([], []), ([1.0], [1.0, 2.0])):
        with pytest.raises(ValueError, match="one length"):
            closeness(*pair)


def test_importing_it_loads_no_torch() -> None:
    names = "tui_linreg.study.hunt, tui_linreg.study.derivation.derivation"
    code = f"import sys, {names}; print({{'torch', 'numpy', 'textual'}} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"


def test_attempts_change_nothing_but_the_hints() -> None:
    for secret, hunt in hunts().items():
        assert planted(replace(hunt, attempts=(1, 2))) == secret
        assert choices(replace(hunt, attempts=(1, 2))) == choices(hunt)

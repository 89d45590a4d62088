"""Another learning rate on the way, other options, kept runs: the run is the one started with these options."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from engine_helpers import small, trained
from hypothesis import given
from hypothesis import strategies as st
from line_helpers import LOOKING, Talk, read, told

from tui_linreg.engine.phases import Phase
from tui_linreg.line.run import Spot
from tui_linreg.study.lessons.folder import built_in_lessons

LAST_LESSON = len(built_in_lessons().lessons)


def by_numpy(talk: Talk, rates: list[float], steps: int) -> tuple[float, float]:
    """Return b and w after so many steps, the last rate holding on."""
    run = talk.session
    b, w = (float(v) for v in run.timeline.states(0)[0][:2])
    for at in range(steps):
        place = run.schedule.place(at)
        x, y = (v[place.start : place.stop].numpy() for v in (run.dataset.x_train, run.dataset.y_train))
        residual = b + w * x - y
        lr = rates[min(at, len(rates) - 1)]
        b, w = b - lr * float(2 * np.mean(residual)), w - lr * float(2 * np.mean(residual * x))
    return b, w


@given(at=st.integers(1, 20), rate=st.floats(1e-3, 0.3).map(lambda value: round(value, 6)))
def test_a_rate_on_the_way_is_that_of_numpy(at: int, rate: float) -> None:
    talk = Talk(digits=17)
    assert talk.say(f"go {at}", f"rate {rate:f}")[0].endswith(f" from step {at + 1} on.")
    lines = talk.say(f"go {at + 5}")
    expected = by_numpy(talk, [0.01] * at + [rate], at + 5)
    assert talk.session.config.rates.at(at) == rate
    got = (read(line.split(": ")[1].split(",")[0].rstrip(".")) for line in lines if line.startswith("New "))
    assert tuple(got) == pytest.approx(expected, rel=1e-9)
    whole = trained(small(lr=talk.session.config.lr), at + 5)
    assert whole.timeline.states(at + 5) == talk.session.timeline.states(at + 5)


def test_half_and_double_and_what_the_rates_are() -> None:
    talk = Talk()
    assert talk.say("rate") == ["Learning rate: 0.01."]
    assert talk.say("rate half") == ["Learning rate: 0.005 from step 2 on."]
    talk.say("batch")
    assert talk.say("rate double") == ["Learning rate: 0.01 from step 3 on."]
    assert talk.say("rate") == [
        "Learning rate: 0.01 from step 1 on.",
        "Learning rate: 0.005 from step 2 on.",
        "Learning rate: 0.01 from step 3 on.",
    ]
    assert talk.text("go 64", "rate half").endswith("This is the last step: no step of this run has that rate.")


def test_steps_trained_beyond_are_cut_off_after_asking() -> None:
    talk = Talk()
    talk.say("go 9", "go 4")
    asked = talk.text("rate half")
    assert asked == "Learning rate 0.005 from step 5 on cuts off 5 steps trained beyond: say it again."
    assert talk.session.trained == 9
    talk.say("where")
    assert talk.text("rate half") == asked  # another word came between
    assert talk.say("repeat", "rate half") == ["Learning rate: 0.005 from step 5 on."]
    assert talk.session.trained == 4
    assert "drops the later changes" in talk.text("go 2", "rate 0.3")


@pytest.mark.parametrize("text", ["0", "-1", "x", "1e999", "0.1@2", ".", "half a"])
def test_what_is_no_rate_changes_nothing(text: str) -> None:
    talk = Talk()
    assert "allowed is half, double or a number above 0" in talk.text(f"rate {text}")
    assert talk.session.config.lr == 0.01


def test_a_question_about_steps_that_are_gone_is_closed() -> None:
    talk = Talk()
    talk.say("next", "rate half")
    assert talk.state.asking is None
    talk.say("go 2 7", "go 1")
    talk.say("rate 0.2", "rate 0.2", "go 2 1")
    talk.say("next")
    assert talk.state.asking is not None  # step 2 is another one now


def test_a_kept_run_stays_and_its_differences_are_told() -> None:
    talk = Talk(digits=17)
    assert talk.say("keep")[0].startswith("Kept as A")
    assert talk.say("kept") == ["Run A: this one."]
    talk.say("rate 0.1", "go 6")
    assert talk.say("kept") == ["Run A: learning rate 0.01."]
    one, other = trained(small(), 6).step(5), talk.session.step(5)
    lines = talk.say("compare")
    for label, name in (("Loss", "loss"), ("Gradient of w", "grad_w"), ("New b", "b_after")):
        line = next(line for line in lines if line.startswith(f"{label}, run A: "))
        said = line if line.endswith(".") else f"{line} {lines[lines.index(line) + 1]}"
        theirs, ours = getattr(one.scratch, name), getattr(other.scratch, name)
        assert told([said], f"{label}, run A") == theirs
        assert f"here {'more' if ours > theirs else 'less'} by " in said
        assert read(said.split(" by ")[1].removesuffix(".")) == abs(ours - theirs)
    assert talk.say("panel runs")[1:] == lines[lines.index("Run A: learning rate 0.01.") :]


def test_the_kept_run_has_no_number_before_its_phase_or_after_its_end() -> None:
    talk = Talk(epochs=2)
    talk.say("keep", "change epochs 4", "go 3 3")
    text = talk.text("compare")
    assert "Loss, run A: " in text
    assert "here the same" in text
    assert "Gradient of b, run A" not in text
    assert "Run A ends after step 8." in talk.text("go 12", "compare")


def test_four_are_kept_and_forgotten() -> None:
    talk = Talk()
    for letter, batch in zip("ABCD", (10, 20, 30, 40), strict=True):
        assert talk.say("keep")[0].startswith(f"Kept as {letter}")
        assert talk.text("keep").startswith(f"This run is kept already, as {letter}")
        assert talk.say(f"change batch size {batch}")[0] == f"Another run: batch size {batch}."
    assert talk.say("keep") == ["4 runs are kept, which is the most: forget forgets the last."]
    assert talk.say("kept")[-1] == "Run D: batch size 30."
    assert talk.say("forget") == ["Forgotten: run D."]
    assert len(talk.say("kept")) == 3


def test_another_run_forgets_steps_after_asking_and_says_its_warnings() -> None:
    talk = Talk()
    talk.say("go 5")
    assert talk.text("change lr 5") == "That forgets this run and its 5 steps: say it again, or keep first."
    assert talk.session.config.lr == 0.01
    text = talk.text("change learning rate 5")
    assert text.startswith("Another run: learning rate 5.")
    assert "diverges" in text
    assert talk.state.run.at == Spot(0, Phase.BATCH)
    assert "Change 'foo 3': allowed is an option and its value" in talk.text("change foo 3")
    assert "must be" in talk.text("change epochs 0")
    assert talk.text("change lr 5") == "The same run again, from its start." + talk.text("repeat")[35:]


def test_a_lessons_run_waits_beneath_ones_own() -> None:
    talk = Talk()
    talk.say("lesson 10", "task", "hand", "b 1")
    assert "The lesson's run waits: lesson back goes there." in talk.text("start")
    assert [run.owner for run in talk.state.runs] == ["own", "lesson", "own"]
    talk.say("change lr 0.2")
    assert [run.owner for run in talk.state.runs] == ["own", "lesson", "own"]
    assert talk.say("lesson back")[0] == "The lesson's run, where you left it."
    assert [run.owner for run in talk.state.runs] == ["own", "lesson"]
    talk.say("lesson leave")
    assert [run.owner for run in talk.state.runs] == ["own"]


def test_an_answer_is_not_judged_by_a_run_of_ones_own() -> None:
    talk = Talk()
    talk.say("lesson 11", "task", "change lr 0.7")
    assert talk.text("0.91").startswith("Another run is on: hunt leave, or lesson back")
    assert talk.say("lesson back", "0.91")[0] == "Right. Task done."


def test_keeping_is_a_fact_that_a_lesson_may_ask_for(tmp_path: Path) -> None:
    text = "---\nid: own\ntitle: My own\nminutes: 3\n---\n## Page\n\nText.\n\n## Task: Keep\n\nKeep a run.\n\n"
    (tmp_path / "own.md").write_text(f"{text}check: ghosts >= 1\nhint: p\n")
    talk = Talk()
    talk.state.lessons_folder = str(tmp_path)
    talk.say(f"lesson {LAST_LESSON + 1}", "task")
    assert "Task done." in talk.text("keep")


MOVES = ("b 0.5", "w minus 3", "b to minus 1e-7", "descend", "undo", "b", "w", "help rate", "help b")
CHANGES = ("rate half", "rate 0.3", "hand", "hand batch", "keep", "forget", "change lr 0.3", "b 3")


@pytest.mark.parametrize("level", [1, 2, 3])
def test_no_run_is_changed_before_a_hunt_is_decided(level: int) -> None:
    talk = Talk()
    talk.say(f"hunt {level}", "go 3")
    before = talk.session.config, talk.session.trained
    for command in CHANGES[:-1]:
        assert "until you have decided which mistake it is" in talk.text(command), command
    assert (talk.session.config, talk.session.trained) == before
    talk.say("hunt give up", "hunt give up")
    assert "hunt leave goes back" in talk.text("change lr 0.3")


def test_no_run_is_changed_while_a_lesson_hides_numbers() -> None:
    talk = Talk()
    talk.say("lesson 3")
    assert talk.state.course is not None
    assert talk.state.course.cuts
    for command in CHANGES[:-1]:
        assert "while numbers of this lesson are hidden" in talk.text(command), command


def test_every_word_of_every_state_can_be_heard() -> None:
    talk = Talk()
    for begin in (("go 3",), ("keep", "rate half", "batch"), ("hand",), ("lesson 10", "task", "hand"), ("hunt 1",)):
        talk.say(*begin)
        for command in (*MOVES, *LOOKING, *CHANGES):
            assert talk.say(command), command

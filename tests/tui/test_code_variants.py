"""The code view shows the lines that run, of whichever class it is told, and the status bar names a planted mistake."""

from __future__ import annotations

import pytest
from app_helpers import running, text, wait
from engine_helpers import phases_of, small, trained

from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.phases import Phase
from tui_linreg.study.code_lines import CodeExcerpt, code_for

PLAIN = ("SimpleLinearRegression", "KernelErrorSignal", "KernelWeightGradient", "KernelUpdate")


def marked(excerpt: CodeExcerpt) -> list[str]:
    return [line.strip() for number, line in excerpt.lines if number in excerpt.highlighted]


@pytest.mark.parametrize("name", MISTAKES)
def test_the_code_view_shows_the_mistake_where_it_is_made_and_only_if_told(name: str) -> None:
    session, plain = trained(small(mistake=name, arithmetic="kernel"), 1), trained(small(), 1)
    mistake = MISTAKES[name]
    differing = set()
    for phase in list(Phase)[1:]:
        ours, theirs = code_for(phase, session.scratch_type)
        usual = code_for(phase)
        assert theirs == usual[1]
        assert code_for(phase, plain.scratch_type) == usual
        assert ours.highlighted
        assert not ours.highlighted & ours.docstring
        owner, method = ours.title.split(" ")[0].split(".")
        if owner not in PLAIN:
            differing.add(method)
    made_in = phases_of(name)
    assert set(made_in) <= differing
    shown = code_for(mistake.phase, session.scratch_type)[0]
    assert any(f".{method} " in shown.title for method in made_in)


@pytest.mark.parametrize(
    ("phase", "plain", "kernel"),
    [
        (Phase.ERROR_SIGNAL, "return 2 * (y_pred - y_true) / len(y_true)",
         "return (2 / len(y_true)) * (y_pred - y_true)"),
        (Phase.WEIGHT_GRADIENT, "return torch.dot(dloss_dpred, x)",
         "return (dloss_dpred.unsqueeze(0) @ x.unsqueeze(1)).squeeze()"),
        (Phase.UPDATE, "self.b -= lr * grad_b", "self.b.add_(grad_b, alpha=-lr)"),
    ],
)  # fmt: skip
def test_the_code_view_shows_the_form_that_runs(phase: Phase, plain: str, kernel: str) -> None:
    session = trained(small(arithmetic="kernel"), 1)
    assert marked(code_for(phase, session.scratch_type)[0])[0] == kernel
    assert marked(code_for(phase)[0])[0] == plain


def test_the_code_view_shows_the_stale_order() -> None:
    shown = code_for(Phase.WEIGHT_GRADIENT, trained(small(mistake="stale"), 1).scratch_type)[0]
    assert marked(shown) == ["grad_w = self.weight_gradient(self.error_signal(y_true, self.predict(x)), x)"]


async def test_the_key_shows_the_code_of_the_run() -> None:
    async with running((160, 45), mistake="no-x") as (app, pilot):
        assert "! the from-scratch model makes the mistake no-x" in text(app)
        await pilot.press("left", "c")
        await wait(pilot, lambda: "NoX.weight_gradient · engine/models/mistakes.py" in text(app), "the code")
        assert "return dloss_dpred.sum()" in text(app)


@pytest.mark.parametrize("name", ["stale", "no-zero-grad", "divide-by-batch-size"])
async def test_the_notice_of_a_mistake_is_not_cut(name: str) -> None:
    async with running((60, 18), mistake=name) as (app, _):
        line = text(app).splitlines()[-2].strip()
        assert line.startswith(f"! mistake {name}: ")
        assert line.endswith((MISTAKES[name].title, " …"))
        assert len(line) < 60

"""The optional tasks of the lessons: a learner writes the notebook's model part by part, with the app open."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_helpers import FULL, running, settle, text, typed, wait
from lesson_helpers import LESSONS, begin, course, done
from student_helpers import bottom, save

from tui_linreg.study.progress import Progress
from tui_linreg.study.progress_file import Keeper, load
from tui_linreg.study.student.skeleton import SKELETON
from tui_linreg.study.student.student import Limits
from tui_linreg.tui.features.student.dialog import StudentDialog
from tui_linreg.tui.features.student.file import StudentFile
from tui_linreg.tui.features.student.new_file import NewFileDialog

FIT = """
        for epoch in range(epochs):
            losses = []
            for start in range(0, len(x), batch_size):
                batch, target = x[start : start + batch_size], y[start : start + batch_size]
                y_pred = self.predict(batch)
                losses.append(self.mse_loss(target, y_pred))
                self.update(batch, target, y_pred, lr)
            mse, mse_v = sum(losses) / len(losses), self.evaluate(x_valid, y_valid)
            print(f"epoch: {epoch} - MSE: {mse:.4f} - MSE_v: {mse_v:.4f}")
"""
SUMMED = "dloss_dpred = 2 * (y_pred - y_true)"
WRITTEN = {
    "the-model": [("shape (m,).\"\"\"\n        return ...", "shape (m,).\"\"\"\n        return self.b + self.w * x")],
    "mse": [('one number."""\n        return ...', 'one number."""\n        return ((y_pred - y_true) ** 2).mean()')],
    "error-signal": [("dloss_dpred = ...", SUMMED), (SUMMED, "dloss_dpred = 2 / len(x) * (y_pred - y_true)")],
    "chain-rule-to-b": [("grad_b = ...", "grad_b = dloss_dpred.sum()")],
    "chain-rule-to-w": [("grad_w = ...", "grad_w = (dloss_dpred * x).sum()")],
    "the-update": [
        ("self.b = ...\n        self.w = ...", "self.b = self.b - lr * grad_b\n        self.w = self.w - lr * grad_w")
    ],
    "mini-batches": [('to 4 places.\n        """\n        return ...', f'to 4 places.\n        """{FIT}')],
}  # fmt: skip
"""By lesson, what is replaced in the file, and by what; where there are two, the first is wrong."""


async def test_the_whole_model_is_written_in_the_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """W begins the file in the first of them; the learner's own run has it when the lessons are left."""
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)

    def all_needed(progress: Progress) -> Progress:
        for lesson in LESSONS:
            ids = [task.id for task in lesson.needed]
            for id_ in ids:
                progress = progress.task_done(lesson.id, id_, ids)
        return progress

    Keeper().change(all_needed)
    source = SKELETON
    path = tmp_path / "mine.py"
    async with running(FULL, device="cpu") as (app, pilot):
        await begin(app, pilot, "the-model")
        await pilot.press("W")
        await wait(pilot, lambda: isinstance(app.screen, NewFileDialog), "the dialog")
        await pilot.press("ctrl+u", *typed(str(path)), "enter")
        await wait(pilot, lambda: app.screen is app.main, "the file")
        student = app.controller.student
        assert student is not None
        student.limits = Limits(call=5.0)
        assert path.read_text(encoding="utf-8") == SKELETON
        for id_, replacements in WRITTEN.items():
            await begin(app, pilot, id_)
            task = course(app).task
            assert task is not None
            assert task.optional
            for i, (old, new) in enumerate(replacements, start=1):
                assert source.count(old) == 1
                assert not done(app, task)
                source = source.replace(old, new)
                save(student, source)
                if i < len(replacements):
                    await wait(pilot, lambda: "∂L/∂ŷ is wrong in step 1" in bottom(app), "what is wrong is said")
                    await pilot.press("W")
                    await wait(pilot, lambda: isinstance(app.screen, StudentDialog), "the dialog")
                    await settle(app, pilot)
                    assert "the sum of the squares where the mean belongs" in " ".join(text(app).split())
                    await pilot.press("escape")
            await wait(pilot, lambda task=task: done(app, task), f"{task.id} is done")  # type: ignore[misc]
            assert "✓ done" in text(app)
        assert all(not load().progress.optional_left(lesson) for lesson in LESSONS)
        await pilot.press("X")
        await wait(pilot, lambda: app.controller.run.session.author is not None, "the learner's model runs")
        await wait(pilot, lambda: "right over all 64 steps" in bottom(app))
        student.close()

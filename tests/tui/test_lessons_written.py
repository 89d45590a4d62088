"""The optional tasks of the lessons: a learner writes the notebook's model part by part, with the app open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_helpers import FULL, settle, text, wait
from lesson_helpers import LESSONS, begin, course, done
from student_helpers import bottom, save

from tui_linreg.engine.config import RunConfig
from tui_linreg.settings import Settings
from tui_linreg.study.progress import Progress
from tui_linreg.study.progress_file import Keeper, load
from tui_linreg.study.student.skeleton import SKELETON
from tui_linreg.study.student.student import Limits, Student
from tui_linreg.tui.app import LinRegApp
from tui_linreg.tui.features.student.dialog import StudentDialog
from tui_linreg.tui.features.student.file import StudentFile

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


@pytest.fixture
def student(tmp_path: Path) -> Iterator[Student]:
    path = tmp_path / "mine.py"
    path.write_text(SKELETON)
    with Student(path, limits=Limits(call=5.0)) as opened:
        yield opened


async def test_the_whole_model_is_written_in_the_lessons(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StudentFile, "looks_a_second", 20)

    def all_needed(progress: Progress) -> Progress:
        for lesson in LESSONS:
            ids = [task.id for task in lesson.needed]
            for id_ in ids:
                progress = progress.task_done(lesson.id, id_, ids)
        return progress

    Keeper().change(all_needed)
    source = SKELETON
    app = LinRegApp(RunConfig(device="cpu"), Settings(), student)
    async with app.run_test(size=FULL) as pilot:
        await wait(pilot, lambda: app.controller.loaded, "the first run")
        await settle(app, pilot)
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

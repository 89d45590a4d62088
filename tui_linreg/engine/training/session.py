"""`Session`: one run of both models on one dataset, trained as far as anybody asked, and every step of it at hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import torch

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.data.batches import Batches
from tui_linreg.engine.data.curvature import batch_moments
from tui_linreg.engine.data.dataset import Dataset, load_dataset
from tui_linreg.engine.data.tiny import START
from tui_linreg.engine.device import DTYPES, device_notice, resolve_device, unit_roundoff
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.epoch_log import EpochLosses, epoch_losses
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.reference import DRAWING, TorchLinearRegression
from tui_linreg.engine.models.scratch import SimpleLinearRegression
from tui_linreg.engine.models.variants import scratch_variant
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.schedule import Schedule, default_batch_size
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.agreement import Agreement
from tui_linreg.engine.training.foresight import Foresight
from tui_linreg.engine.training.history import History
from tui_linreg.engine.training.lockstep import Lockstep, Stretch
from tui_linreg.engine.training.replay import Computed, Replay
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.drift import Precision

if TYPE_CHECKING:
    StopAt = Callable[[int, Stretch], int | None]
    """Given the number of a stretch's first step and the stretch: how many of its steps to keep, None to go on."""

_STRETCH_SECONDS = 0.02
"""How long one stretch of training may take: by so much `cancelled` and the screen may wait at most."""


@dataclass(slots=True)
class _Run:
    """What a restart replaces as a whole, so that threads still at work on the old one end there."""

    models: Lockstep
    timeline: Timeline
    replay: Replay
    batches: Batches
    foresight: Foresight
    training: threading.Lock = field(default_factory=threading.Lock)
    looking: threading.Lock = field(default_factory=threading.Lock)
    newest: Computed | None = None
    """The step trained last, kept whole so that looking at it need not compute it again."""
    abandoned: bool = False


class Session:
    """A run: its data, its two models, its timeline.

    Steps count from 0. `step` and the readers may be called from any thread while another trains; threads that train
    take turns. After a `restart` a thread still training stops within one stretch, and what it did is gone.

    Args:
        config: the options.
        scratch_type: the from-scratch model's class; None: the one that the config's mistake and arithmetic stand for.
        planted: a mistake to make in place of the config's, which nothing that this session says names.

    Raises:
        InputError: when the data, the split or the device that `config` asks for is impossible.
    """

    author: str | None = None
    """Whose the from-scratch model's `update` is; None: the program's own. Another's may take long, or fail."""
    failure: InputError | None = None
    """Why the step after those trained could not be done; only another's `update` fails."""

    def __init__(
        self,
        config: RunConfig,
        *,
        scratch_type: type[SimpleLinearRegression] | None = None,
        planted: str | None = None,
    ) -> None:
        self.config = config
        self.dtype = DTYPES[config.dtype]
        self.device = resolve_device(config.device, self.dtype)
        self.dataset: Dataset = load_dataset(config, self.device)
        n_train = self.dataset.n_train
        self.schedule = Schedule(n_train, min(config.batch_size or default_batch_size(n_train), n_train), config.epochs)
        told = scratch_type is None and planted is None
        self._mistake = MISTAKES[config.mistake] if config.mistake is not None and told else None
        self.scratch_type: type[SimpleLinearRegression] = scratch_type or scratch_variant(
            planted or config.mistake, Arithmetic.parse(config.arithmetic), self.schedule
        )
        """The from-scratch model's class, whose methods are the code that runs."""
        limits = torch.finfo(self.dtype)
        self._precision = Precision(
            unit_roundoff(self.device, self.dtype), limits.max, limits.smallest_normal * limits.eps
        )
        host = [v.cpu().to(torch.float64).numpy() for v in (self.dataset.x_train, self.dataset.y_train)]
        self._moments = batch_moments(host[0], host[1], self.schedule.batch_size)
        self._run, self.agreement_before_copy = self._start()
        self.agreement_at_start = self.agreement()

    def _start(self) -> tuple[_Run, Agreement]:
        """Draw both models by the recipe, let the scratch one copy the layer, and begin an empty timeline."""
        with DRAWING, torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed, which would also reseed the generators of every GPU for good.
            torch.default_generator.manual_seed(self.config.seed)
            reference = TorchLinearRegression(dtype=self.dtype).to(self.device)
            scratch = self.scratch_type(device=self.device, dtype=self.dtype)
            spare = Lockstep(
                self.scratch_type(device=self.device, dtype=self.dtype),
                TorchLinearRegression(device=self.device, dtype=self.dtype),
                self.config.lr,
            )
        if self.config.source == "tiny":
            _fill(reference, START)  # after the draws, so that every dataset draws alike
        models = Lockstep(scratch, reference, self.config.lr)
        before = Agreement.of(models, self.dataset)
        scratch.copy_params(reference.layer)
        timeline = Timeline(
            len(scratch.state()), models.states(), batches=self.schedule.batches, single=self.dtype == torch.float32
        )
        replay = Replay(spare, self.dataset, timeline, self._moments, self._precision)
        foresight = Foresight(replay, Batches(self.dataset, self.schedule))
        return _Run(models, timeline, replay, Batches(self.dataset, self.schedule), foresight), before

    @property
    def timeline(self) -> Timeline:
        """The recorded run."""
        return self._run.timeline

    @property
    def trained(self) -> int:
        """Steps trained so far."""
        return len(self.timeline)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know before the run starts, one line each; `Instruments.warning` is another."""
        found = [] if self.mistake_notice is None else [self.mistake_notice]
        asked, n_train = self.config.batch_size, self.dataset.n_train
        if asked is not None and asked > n_train:
            found.append(f"batch size {asked} is larger than the {n_train} train samples: one batch an epoch")
        said = device_notice(self.config.device, self.device, self.dtype)
        return (*found, said) if said else tuple(found)

    @property
    def mistake_notice(self) -> str | None:
        """What `notices` says of the mistake that the config asks for; the only place that gives it away."""
        if self._mistake is None:
            return None
        return f"the from-scratch model makes the mistake {self._mistake.name}: {self._mistake.title}"

    def reveal(self, mistake: str) -> None:
        """Name from now on the mistake that was planted, as if the config had asked for it."""
        self.config, self._mistake = replace(self.config, mistake=mistake), MISTAKES[mistake]

    def train_to(
        self,
        steps: int,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
        stop_at: StopAt | None = None,
    ) -> int:
        """Train until `steps` steps (at most the whole run) are recorded, and return how many are.

        Every completed step is kept when `cancelled` returns True. Both callbacks are called several times a second.

        Args:
            steps: how many steps the run should have; fewer than it has changes nothing.
            progress: called with (steps trained, steps asked for).
            cancelled: asked whether to stop.
            stop_at: asked about the steps just trained, before they are recorded; the number it returns is kept.
        """
        run, goal = self._run, min(steps, self.schedule.steps)
        with run.training:
            try:
                self._train(run, goal, progress, cancelled, stop_at)
            except BaseException:
                # The models may be ahead of the timeline, one of them further than the other.
                run.models.restore(*run.timeline.states(len(run.timeline)))
                raise
        trained = len(run.timeline)
        if progress is not None:
            progress(trained, goal)
        return trained

    def _train(
        self, run: _Run, goal: int, progress: Progress | None, cancelled: Cancelled | None, stop_at: StopAt | None
    ) -> None:
        models, timeline = run.models, run.timeline
        length = 1
        while (first := len(timeline)) < goal and not run.abandoned:
            if cancelled is not None and cancelled():
                break
            if progress is not None:
                progress(first, goal)
            run.newest = None  # before the stretch, so that its memory is there for it
            length = min(length, goal - first)
            began = time.perf_counter()
            done = _foreseen(run, first) if length == 1 else None
            if done is None:
                done = models.train(run.batches, first, length, watch=first + length == goal)
            spent = time.perf_counter() - began
            kept = stop_at(first, done) if stop_at is not None else None
            self._record(run, first, done, length if kept is None else kept)
            if kept is not None:
                break
            length = max(1, min(2 * length, int(length * _STRETCH_SECONDS / max(spent, 1e-9))))

    def _record(self, run: _Run, first: int, done: Stretch, kept: int) -> None:
        """Record the first `kept` steps of a stretch; where that is not all, take the models back to there."""
        timeline, batches = run.timeline, self.schedule.batches
        # Before the steps, so that who sees an epoch's last step sees its validation too.
        timeline.append_valid(done.valid[: (first + kept) // batches - first // batches])
        timeline.extend(done.rows[:kept])
        if kept < len(done.rows):
            run.models.restore(*timeline.states(first + kept))
        elif done.last is not None:
            place = self.schedule.place(first + kept - 1)
            run.newest = run.replay.computed(place, *done.last, done.rows[-1].tolist())

    def step(self, index: int) -> Step:
        """Return step `index`, every quantity of it, bit for bit as training computed it.

        Raises:
            IndexError: when that step is not trained yet.
        """
        run = self._run
        trained = len(run.timeline)
        if not 0 <= index < trained:
            raise IndexError(f"step {index}: trained are {trained} steps, from 0")
        newest = run.newest
        with run.looking:
            if (foreseen := run.foresight.step(index)) is not None:
                return foreseen
            if newest is not None and newest.place.step == index:
                return run.replay.judged(newest)
            return run.replay.step(self.schedule.place(index))

    def foresee(self, index: int, beside: int) -> None:
        """Compute step `index` before anybody asks for it: `step` has it at once then, and training it is done.

        Args:
            index: a trained step, or the next one to be trained; of others nothing is computed.
            beside: where the one stands who will ask; of what was foreseen, only the steps next to it are kept.
        """
        run = self._run
        with run.looking:
            trained = len(run.timeline)
            if 0 <= index <= trained and index < self.schedule.steps:
                run.foresight.foresee(self.schedule.place(index), beside, trained)

    def history(self, index: int, phase: Phase) -> History:
        """Return the run as it looked when `phase` of step `index` had just been computed."""
        return History.at(self.timeline, self.schedule, index, phase)

    def epoch_log(self, side: int, start: int = 0, stop: int | None = None) -> list[EpochLosses]:
        """Return the losses of finished epochs `start` to `stop` (None: all) of side 0 (scratch) or 1 (torch)."""
        return epoch_losses(self.timeline, self.schedule, side, start, stop)

    def agreement(self) -> Agreement:
        """Return how far the newest parameters of the two models agree."""
        return Agreement.of(self._run.models, self.dataset)

    def restart(self) -> None:
        """Forget all steps and begin again from the same start; may be called while other threads train or look."""
        abandoned, (self._run, _) = self._run, self._start()
        abandoned.abandoned = True


def _foreseen(run: _Run, step: int) -> Stretch | None:
    """Return what was foreseen of a step, the models taken there; whoever foresees it just now is waited for."""
    with run.looking:
        done = run.foresight.take(step)
    if done is not None:
        width = run.timeline.scratch_width
        after = done.rows[0].tolist()
        run.models.restore(after[:width], after[width : width + 2])
    return done


def _fill(reference: TorchLinearRegression, start: tuple[float, float]) -> None:
    with torch.no_grad():
        reference.layer.bias.fill_(start[0])
        reference.layer.weight.fill_(start[1])

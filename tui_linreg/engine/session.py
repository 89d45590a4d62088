"""`Session`: one run of both models on one dataset, trained as far as anybody asked, and every step of it at hand."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import torch

from tui_linreg.engine.config import RunConfig
from tui_linreg.engine.curvature import batch_moments
from tui_linreg.engine.dataset import Dataset, load_dataset
from tui_linreg.engine.device import DTYPES, device_notice, resolve_device, unit_roundoff
from tui_linreg.engine.drift import Precision
from tui_linreg.engine.epoch_log import EpochLosses, epoch_mean
from tui_linreg.engine.history import History, history
from tui_linreg.engine.lockstep import Lockstep
from tui_linreg.engine.metrics import modified_mape
from tui_linreg.engine.minibatch import Schedule, default_batch_size
from tui_linreg.engine.outlook import Outlook, outlook
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.reference import TorchLinearRegression
from tui_linreg.engine.replay import Replay
from tui_linreg.engine.scratch import SimpleLinearRegression
from tui_linreg.engine.step import Step
from tui_linreg.engine.timeline import Timeline

Progress = Callable[[int, int], None]
"""Called with (steps trained, steps asked for)."""
Cancelled = Callable[[], bool]

_BETWEEN_CALLS = 16
"""Steps between two looks at `cancelled`, so that asking costs nothing beside training."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Modified MAPE of the scratch model against torch's, each a fraction (0 is equality)."""

    predictions: float
    """On the validation set."""
    loss: float
    """Of the two validation losses."""
    b: float
    w: float


class Session:
    """A run: its data, its two models, its timeline.

    Steps count from 0. `step` may be called from any one thread while another trains.

    Args:
        config: the options.
        scratch_type: the from-scratch model's class; a variant of it stands for a mistake under study.

    Raises:
        InputError: when the data, the split or the device that `config` asks for is impossible.
    """

    def __init__(
        self, config: RunConfig, *, scratch_type: type[SimpleLinearRegression] = SimpleLinearRegression
    ) -> None:
        self.config = config
        self.dtype = DTYPES[config.dtype]
        self.device = resolve_device(config.device, self.dtype)
        self.dataset: Dataset = load_dataset(config, self.device)
        n_train = self.dataset.n_train
        self.schedule = Schedule(n_train, min(config.batch_size or default_batch_size(n_train), n_train), config.epochs)
        self._scratch_type = scratch_type
        limits = torch.finfo(self.dtype)
        self._precision = Precision(
            unit_roundoff(self.device, self.dtype), limits.max, limits.smallest_normal * limits.eps
        )
        host = [v.cpu().to(torch.float64).numpy() for v in (self.dataset.x_train, self.dataset.y_train)]
        self._moments = batch_moments(host[0], host[1], self.schedule.batch_size)
        self.outlook: Outlook = outlook(host[0], self._moments, config.lr)
        self.agreement_before_copy, self.agreement_at_start = self._start()

    def _start(self) -> tuple[Agreement, Agreement]:
        """Draw both models by the recipe, let the scratch one copy the layer, and begin an empty timeline."""
        with torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed, which would also reseed the generators of every GPU for good.
            torch.default_generator.manual_seed(self.config.seed)
            reference = TorchLinearRegression(dtype=self.dtype).to(self.device)
            scratch = self._scratch_type(device=self.device, dtype=self.dtype)
            spare = Lockstep(
                self._scratch_type(device=self.device, dtype=self.dtype),
                TorchLinearRegression(device=self.device, dtype=self.dtype),
                self.config.lr,
            )
        self._models = Lockstep(scratch, reference, self.config.lr)
        before = self.agreement()
        scratch.copy_params(reference.layer)
        self.timeline = Timeline(len(scratch.state()), self._models.states())
        self._replay = Replay(spare, self.dataset, self.timeline, self._moments, self._precision)
        self._lock = threading.Lock()
        return before, self.agreement()

    @property
    def trained(self) -> int:
        """Steps trained so far."""
        return len(self.timeline)

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know before the run starts, one line each."""
        found = []
        asked, n_train = self.config.batch_size, self.dataset.n_train
        if asked is not None and asked > n_train:
            found.append(f"batch size {asked} is larger than the {n_train} train samples: one batch an epoch")
        if self.outlook.diverges:
            found.append(self.outlook.sentence)
        said = device_notice(self.config.device, self.device, self.dtype)
        return (*found, said) if said else tuple(found)

    def train_to(self, steps: int, *, progress: Progress | None = None, cancelled: Cancelled | None = None) -> int:
        """Train until `steps` steps (at most the whole run) are recorded, and return how many are.

        Every completed step is kept when `cancelled` returns True.
        """
        goal = min(steps, self.schedule.steps)
        x, y = self.dataset.x_train, self.dataset.y_train
        x_column, y_column = x.unsqueeze(1), y.unsqueeze(1)
        models, timeline, schedule = self._models, self.timeline, self.schedule
        for step in range(self.trained, goal):
            if step % _BETWEEN_CALLS == 0:
                if cancelled is not None and cancelled():
                    break
                if progress is not None:
                    progress(step, goal)
            place = schedule.place(step)
            rows = slice(place.start, place.stop)
            ours = models.train_scratch(x[rows], y[rows])
            theirs = models.train_reference(x_column[rows], y_column[rows])
            if schedule.ends_epoch(step):
                timeline.append_valid(self.validate())
            gradients = (ours.grad_b.item(), ours.grad_w.item())
            timeline.append((ours.loss.item(), theirs.item()), gradients, models.states())
        if progress is not None:
            progress(self.trained, goal)
        return self.trained

    def validate(self) -> tuple[float, float]:
        """Return the validation losses (scratch, torch) of the newest parameters."""
        x, y = self.dataset.x_valid, self.dataset.y_valid
        return self._models.scratch.evaluate(x, y), self._models.reference.evaluate(x.unsqueeze(1), y.unsqueeze(1))

    def step(self, index: int) -> Step:
        """Return step `index`, every quantity of it, bit for bit as training computed it.

        Raises:
            IndexError: when that step is not trained yet.
        """
        if not 0 <= index < self.trained:
            raise IndexError(f"step {index}: trained are {self.trained} steps, from 0")
        with self._lock:
            return self._replay.step(self.schedule.place(index))

    def history(self, index: int, phase: Phase) -> History:
        """Return the run as it looked when `phase` of step `index` had just been computed."""
        return history(self.timeline, self.schedule, index, phase)

    def epoch_log(self, side: int) -> list[EpochLosses]:
        """Return the finished epochs' losses of side 0 (scratch) or 1 (torch)."""
        batches = self.schedule.batches
        return [
            EpochLosses(e, epoch_mean(self.timeline.losses(side, e * batches, (e + 1) * batches).tolist()), float(v))
            for e, v in enumerate(self.timeline.valid(side, self.trained // batches))
        ]

    def agreement(self) -> Agreement:
        """Return how far the newest parameters of the two models agree."""
        scratch, reference = self._models.scratch, self._models.reference
        x = self.dataset.x_valid
        losses = self.validate()
        with torch.no_grad():
            predictions = modified_mape(reference(x.unsqueeze(1)).squeeze(1), scratch.predict(x))
        return Agreement(
            predictions,
            modified_mape(losses[1], losses[0]),
            modified_mape(reference.layer.bias.item(), scratch.b.item()),
            modified_mape(reference.layer.weight.item(), scratch.w.item()),
        )

    def restart(self) -> None:
        """Forget all steps and begin again from the same start."""
        self._start()

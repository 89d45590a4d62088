"""`Session`: one run of both models on one dataset, trained as far as it was asked for, with every step at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import torch

from tui_linreg.engine.config import FIELDS, RunConfig
from tui_linreg.engine.data.dataset import Dataset, load_dataset
from tui_linreg.engine.data.tiny import START
from tui_linreg.engine.device import (
    DTYPES,
    computed_by,
    device_notice,
    gradients_on,
    number_of_threads,
    one_thread_at_a_time,
    product_roundoff,
    resolve_device,
    smallest_step,
    unit_roundoff,
)
from tui_linreg.engine.errors import InputError
from tui_linreg.engine.models.arithmetic import Arithmetic
from tui_linreg.engine.models.autograd import AutogradGraph
from tui_linreg.engine.models.metrics import EpochLosses
from tui_linreg.engine.models.mistakes import MISTAKES
from tui_linreg.engine.models.reference import DRAWING, TorchLinearRegression
from tui_linreg.engine.models.scratch import SimpleLinearRegression, scratch_variant
from tui_linreg.engine.phases import Phase
from tui_linreg.engine.progress import Cancelled, Progress
from tui_linreg.engine.rates import is_rate
from tui_linreg.engine.schedule import Schedule
from tui_linreg.engine.step import Step
from tui_linreg.engine.training.history import History
from tui_linreg.engine.training.lockstep import Agreement, Lockstep
from tui_linreg.engine.training.recorded_run import RecordedRun
from tui_linreg.engine.training.timeline import Timeline
from tui_linreg.engine.verdicts.bounds import Precision, batch_moments


class Session:
    """A run: its data, its two models, its timeline.

    Steps count from 0. `step` and the readers may be called from any thread while another trains; threads that train
    take turns. After a `restart` a thread still training stops within one block, and what it did is gone.

    Args:
        config: the options.
        scratch_type: the from-scratch model's class; None: the one that the config's mistake and arithmetic stand for.
        planted: a mistake to make in place of the config's, which nothing that this session says names.
        dataset: the data, on the device, where they are loaded already; None: they are loaded.

    Raises:
        InputError: when the data, the split or the device that `config` asks for is impossible.
    """

    author: str | None = None
    """Whose the from-scratch model's `update` is; None: the program's own. Another's may take long, or fail."""
    absent: Mapping[str, str] = MappingProxyType({})
    """Why a quantity is not the author's own, by the keys of `engine.phases.QUANTITIES`: such numbers are not shown."""
    given: frozenset[str] = frozenset()
    """Quantities that are the program's own although there is an author."""
    failure: InputError | None = None
    """Why the step after those trained could not be done; only another's `update` fails."""

    def __init__(
        self,
        config: RunConfig,
        *,
        scratch_type: type[SimpleLinearRegression] | None = None,
        planted: str | None = None,
        dataset: Dataset | None = None,
    ) -> None:
        self.config = config
        self.dtype = DTYPES[config.dtype]
        self.device = resolve_device(config.device, self.dtype)
        with gradients_on():  # tensors made in inference mode are none that autograd could use
            self.dataset: Dataset = dataset or load_dataset(config, self.device)
        n_train = self.dataset.n_train
        self.schedule = Schedule(n_train, config.batch_size_for(n_train), config.epochs)
        named = scratch_type is None and planted is None
        self._mistake = MISTAKES[config.mistake] if config.mistake is not None and named else None
        self.scratch_type: type[SimpleLinearRegression] = scratch_type or scratch_variant(
            planted or config.mistake, Arithmetic.parse(config.arithmetic), self.schedule
        )
        """The from-scratch model's class, whose methods are the code that runs."""
        self._precision = Precision(
            unit_roundoff(self.device, self.dtype),
            torch.finfo(self.dtype).max,
            smallest_step(self.device, self.dtype),
            product_roundoff(self.device, self.dtype),
        )
        self.threads = torch.get_num_threads()
        """How many threads torch computes with for this run, whichever thread trains it or looks at it."""
        self.recipe_start: tuple[float, float]
        """The b and w at which the run starts unless its options name others."""
        with one_thread_at_a_time(self.device), number_of_threads(self.threads):
            host = [v.cpu().to(torch.float64).numpy() for v in (self.dataset.x_train, self.dataset.y_train)]
            self._moments = batch_moments(host[0], host[1], self.schedule.batch_size)
            self._run, self.agreement_before_copy = self._start()
        self.agreement_at_start = self.agreement()

    def _start(self) -> tuple[RecordedRun, Agreement]:
        """Draw both models by the recipe, let the scratch one copy the layer, and begin an empty timeline."""
        with gradients_on(), DRAWING, torch.random.fork_rng(devices=[]):
            # Not torch.manual_seed, which would also reseed the generators of every GPU for good.
            torch.default_generator.manual_seed(self.config.seed)
            reference = TorchLinearRegression(dtype=self.dtype).to(self.device)
            scratch = self.scratch_type(device=self.device, dtype=self.dtype)
            spare = Lockstep(
                self.scratch_type(device=self.device, dtype=self.dtype),
                TorchLinearRegression(device=self.device, dtype=self.dtype),
                self.config.rates,
            )
        models = Lockstep(scratch, reference, self.config.rates)
        drawn = models.states()
        # Set after the draws, so that every run draws alike; the scratch model copies the layer below.
        self.recipe_start = START if self.config.source == "tiny" else (drawn[-2], drawn[-1])
        models.restore(drawn[:-2], self.config.start or self.recipe_start)
        before = models.agreement(self.dataset)
        scratch.copy_params(reference.layer)
        timeline = Timeline(len(scratch.state()), models.states(), batches=self.schedule.batches)
        run = RecordedRun(
            models,
            spare,
            timeline,
            self.dataset,
            self.schedule,
            self._moments,
            self._precision,
            self.threads,
        )
        return run, before

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
        batch_size, n_train = self.config.batch_size, self.dataset.n_train
        steps, waits = (
            self.schedule.steps,
            next((at for at in self.config.rates.firsts if at >= self.schedule.steps), None),
        )
        larger = f"batch size {batch_size} is larger than the {n_train} train samples: one batch an epoch"
        notices = (
            self.mistake_notice,
            larger if batch_size is not None and batch_size > n_train else None,
            None
            if waits is None
            else f"η changes at step {waits + 1}, but the run ends at step {steps}: it needs more epochs",
            device_notice(self.config.device, self.device, self.dtype),
            *self.dataset.notices,
        )
        return tuple(notice for notice in notices if notice is not None)

    @property
    def mistake_notice(self) -> str | None:
        """What `notices` says of the mistake that the config asks for; the only place that gives it away."""
        if self._mistake is None:
            return None
        return f"the from-scratch model makes the mistake {self._mistake.name}: {self._mistake.title}"

    @property
    def computed_by(self) -> dict[str, str | int]:
        """What the last bits of the numbers depend on besides the options, ready for JSON (`device.computed_by`)."""
        return computed_by(self.threads)

    def reveal(self, mistake: str) -> None:
        """Name from now on the mistake that was planted, as if the config had asked for it."""
        self.config, self._mistake = replace(self.config, mistake=mistake), MISTAKES[mistake]

    def train_to(
        self,
        steps: int,
        *,
        progress: Progress | None = None,
        cancelled: Cancelled | None = None,
    ) -> int:
        """Train until `steps` steps (at most the whole run) are recorded, and return how many are.

        Every completed step is kept when `cancelled` returns True. Both callbacks are called several times a second.

        Args:
            steps: how many steps the run should have; fewer than it has changes nothing.
            progress: called with (steps trained, steps asked for).
            cancelled: asked whether to stop.
        """
        return self._run.train_to(min(steps, self.schedule.steps), progress, cancelled)

    def extend(self, epochs: int) -> None:
        """Let the run have so many epochs in all, as if it had been started with them: what is trained stays.

        Raises:
            InputError: when a run cannot have so many.
            ValueError: when it has more already.
        """
        if epochs < self.config.epochs:
            raise ValueError(f"epochs {epochs}: the run has {self.config.epochs} already")
        self.config = replace(self.config, epochs=epochs)
        self.schedule = replace(self.schedule, epochs=epochs)
        self._run.extend(self.schedule)

    def change_lr(self, lr: float, first: int) -> RunConfig:
        """Let the learning rate be `lr` from step `first` (from 0) on, and return the options of that run.

        What is trained before `first` stays, what is trained from there on is forgotten: the run is bit for bit the one
        that would have been started with these options. `first` may be a step that is yet to be trained, also one that
        the run has only with more epochs. Later changes that the options had are gone.

        Raises:
            InputError: when no run may have that rate.
            ValueError: when `first` is negative.
        """
        if first < 0:
            raise ValueError(f"step {first}: steps count from 0")
        if not is_rate(lr):
            raise FIELDS["lr"].error(lr)
        self.config = replace(self.config, lr=self.config.rates.changed(lr, first).value)
        self._run.cut_back(first, self.config.rates)
        return self.config

    def cut_back(self, steps: int) -> None:
        """Forget all but the first `steps` steps; training goes on from there."""
        self._run.cut_back(steps)

    def step(self, index: int) -> Step:
        """Return step `index`, every quantity of it, bit for bit as training computed it.

        Raises:
            IndexError: when that step is not trained yet.
            ReplayError: when it is computed again and has other numbers: the model keeps a state of its own, or a
                setting of torch has changed.
        """
        return self._run.step(index)

    def autograd_graph(self, step: Step) -> AutogradGraph:
        """Return the graph that torch built of a step of this run, or of one tried beside it, with its gradients.

        Raises:
            ReplayError: when torch's numbers are other ones than those of the step.
        """
        return self._run.autograd_graph(step)

    def walk(self, start: int = 0, stop: int | None = None) -> Iterator[Step]:
        """Yield steps `start` to `stop` (exclusive; None: the whole run), each as `step` returns it.

        Many are judged at a time, and those not trained yet are trained: much faster than one `step` after the other.
        """
        return self._run.walk(start, self.schedule.steps if stop is None else stop)

    def history(self, index: int, phase: Phase) -> History:
        """Return the run as it looked when `phase` of step `index` had just been computed."""
        return History(index, self.schedule.batches, phase, self.timeline)

    def epoch_log(self, side: int, start: int = 0, stop: int | None = None) -> list[EpochLosses]:
        """Return the losses of finished epochs `start` to `stop` (None: all) of side 0 (scratch) or 1 (torch)."""
        return self.timeline.epoch_log(side, start, stop)

    def agreement(self) -> Agreement:
        """Return how far the newest parameters of the two models agree."""
        return self._run.agreement()

    def restart_at(self, start: tuple[float, float] | None) -> None:
        """Begin again at this b and w (None: the recipe's), as if the run had been started with them; see `restart`.

        Raises:
            InputError: when a run cannot start there.
        """
        self.config = replace(self.config, start=start)
        self.restart()
        self.agreement_at_start = self.agreement()

    def restart(self) -> None:
        """Forget all steps and begin again from the same start; may be called while other threads train or look."""
        with one_thread_at_a_time(self.device):
            before, (self._run, self.agreement_before_copy) = self._run, self._start()
        before.cancelled_by_restart = True

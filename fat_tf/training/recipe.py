"""Everything that a configuration says about a run, in one object."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from numbers import Real

import gin
import keras

from fat_tf.audio import FrontEnd
from fat_tf.errors import UserError, check_seed, listed
from fat_tf.models.device import resolve_precision, uses_xla
from fat_tf.parts import attribute, name_of
from fat_tf.training.board.settings import Board
from fat_tf.training.clip_sets import takes_best
from fat_tf.training.distribution import Distribution
from fat_tf.training.losses import Loss, SummedCrossEntropy, needs_best, needs_noisy, of_whole_batch, parts_of
from fat_tf.training.noisy_selection import NoisySelection
from fat_tf.training.relabelling import Relabelling
from fat_tf.training.share_of_curated import ShareOfCurated
from fat_tf.training.stage import Stage, unrolled

MOST = 1_000_000  # clips of a batch, or windows of a clip
CHOICES = {
    "features": ("cached", "waveform"),
    "unreadable": ("stop", "leave_out"),
    "precision": ("auto", "float32", "mixed_bfloat16", "mixed_float16"),
}


@gin.register
@dataclass(frozen=True)
class Recipe:
    """What is trained on what, and how. All of it is bound in gin/base.gin.

    Args:
        model: builds the network: (num_classes, input_shape) -> keras.Model.
        front_end: from sound to picture.
        stages: one after the other on the same weights.
        optimiser: class or function that makes one; each stage has a fresh one.
        loss: (labels, logits), (batch, classes) each, to the cost (batch,) of each clip; or a class that makes it. The
            sum over the batch is minimised. A stage may have its own.
        batch_size: clips.
        features: "cached" log-mels, or "waveform": decoded in tf.data, log-mels in the training step.
        selection: chooses the noisy clips of stages with data = "curated+best".
        scorer_stages: stages of the model that scores the noisy clips, for the selection and for other labels.
        scorer_run: finished run to score with instead: its folder, or its name beside this run's folder; or several,
            whose mean counts.
        normalisation: "training_set" (mean and deviation of each fold's training clips), "clip" (each picture's
            own), or (mean, deviation) in dB.
        inner_share: of a fold's training clips that are held back to choose the checkpoint and drive the schedules, so
            that the fold's own clips judge it alone; 0: these choose too, as in the original, which flatters them.
        last_weights: a fold keeps its last weights, which no clips have chosen, instead of those of its best epoch;
            stages with start = "best" go on from them too.
        validation_windows: regular windows a clip that are scored after each epoch.
        windows: regular windows a clip for out-of-fold and test scores.
        precision: dtype policy; "auto" is mixed_bfloat16 where the processor or the GPU computes it.
        jit_compile: XLA; None: on a GPU, where it can compile all augmentations, and not on a CPU, where it is slower.
        distribution: several devices for one training, like @Mirrored() or @MultiWorker(); None: one.
        unreadable: "stop" before training on files that cannot be read, or "leave_out" and list them.
        folds: numbers of the folds to train; None for all.
        baseline: compare the test scores with a linear model on log-mel statistics.
        deterministic: TensorFlow's deterministic operations: the same result each time.
        board: what TensorBoard shows beside the curves.
        subset: part of a fold's curated clips that it trains on, like @ShareOfCurated(); None: all.
        profile: steps of each fold that TensorFlow profiles, like (100, 120): the first, and the one after the last,
            counted from 0 over all stages; None for none.
        seed: of weights, order, windows and augmentation; each fold and stage has one of its own from it.
    """

    model: Callable[..., keras.Model]
    front_end: FrontEnd
    stages: tuple[Stage, ...]
    optimiser: Callable[..., keras.optimizers.Optimizer]
    batch_size: int
    loss: Loss | type = SummedCrossEntropy
    selection: NoisySelection | None = None
    scorer_stages: tuple[Stage, ...] = ()
    scorer_run: str | tuple[str, ...] | None = None
    features: str = "cached"
    normalisation: str | tuple[float, float] = "training_set"
    inner_share: float = 0.0
    last_weights: bool = False
    validation_windows: int = 4
    windows: int = 8
    precision: str = "auto"
    jit_compile: bool | None = None
    distribution: Distribution | None = None
    unreadable: str = "stop"
    folds: tuple[int, ...] | None = None
    baseline: bool = False
    deterministic: bool = True
    board: Board = Board()  # noqa: RUF009 (it cannot be changed)
    subset: ShareOfCurated | None = None
    profile: tuple[int, int] | None = None
    seed: int = 2019

    def __post_init__(self):
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(f"Recipe.{name} is one of {listed(choices)}, not {getattr(self, name)!r}")
        for name in ("batch_size", "validation_windows", "windows"):
            if not 1 <= getattr(self, name) <= MOST:
                raise UserError(f"Recipe.{name} is from 1 to {MOST}, not {getattr(self, name)}")
        if isinstance(self.model, keras.Model):
            raise UserError(f"Recipe.model: each fold makes its model: write @{self.model.name}, without ()")
        self._check_stages()
        if not 0 <= self.inner_share <= 0.5:
            raise UserError(f"Recipe.inner_share is a share of 0 to 0.5 of the training clips, not {self.inner_share}")
        check_seed(self.seed, "Recipe.seed")
        if self.scorer_run is not None and not all(str(name).strip() for name in self.scorer_runs or ("",)):
            raise UserError("Recipe.scorer_run is empty: name a run, or bind None")
        if self.folds is not None and not isinstance(self.folds, tuple | list):
            raise UserError(f"Recipe.folds is None or a list of numbers like (0, 2), not {self.folds!r}")
        if self.distribution is not None and (
            isinstance(self.distribution, type) or not hasattr(self.distribution, "strategy")
        ):
            raise UserError(f"Recipe.distribution is None, @Mirrored() or @MultiWorker(), not {self.distribution!r}")
        if self.profile is not None and not _is_range(self.profile):
            raise UserError(f"Recipe.profile is None or steps like (100, 120), not {self.profile!r}")
        if self.normalisation not in ("training_set", "clip") and not _is_pair(self.normalisation):
            raise UserError(
                f'Recipe.normalisation is "training_set", "clip" or (mean, deviation), not {self.normalisation!r}'
            )

    def _check_stages(self):
        for stage in [*unrolled(self.stages), *(unrolled(self.scorer_stages) if self.scorer_stages else [])]:
            if takes_best(stage.data) and self.selection is None:
                raise UserError(f"Stage {stage.name} takes the best noisy clips: Recipe.selection must say which")
            if stage.waveform_augmentations and self.features != "waveform":
                raise UserError(
                    f'Stage {stage.name}: waveform_augmentations need Recipe.features = "waveform": the cache holds '
                    "pictures"
                )
        self._check_noisy()
        self._check_heads()
        self._check_labels()
        if self.judged_parts and not (self.scorer_stages or self.scorer_run):
            what = "The best noisy clips need" if self.selects else f"Labels of stage {self.relabelled[0][0]} need"
            raise UserError(f"{what} a scorer: set Recipe.scorer_stages or Recipe.scorer_run")
        if any(takes_best(stage.data) for stage in self.scorer_stages):
            raise UserError("Recipe.scorer_stages cannot take the best noisy clips: which these are is what they say")
        if self.jit_compile and (eager := self._without_xla()):
            raise UserError(
                f"Recipe.jit_compile = True: XLA cannot compile {listed(eager)}: bind None, or leave it out"
            )
        if self.scorer_stages:
            try:
                self.scorer()  # what is against it is said now, not when it is to be trained
            except UserError as error:
                raise UserError(f"Recipe.scorer_stages: {error.message}") from error

    def _check_noisy(self):
        """A loss or a head that treats noisy clips, or the best of them, differently has some in one stage at least."""
        treating = [stage for stage in self.stages if self.marks_noisy(stage)]
        if treating and not any(stage.uses_noisy for stage in treating):
            parameter = "noisy_head" if treating[0].noisy_head else "loss"
            what = parameter.removeprefix("noisy_")
            raise UserError(
                f"The {what} of stage {treating[0].name} treats noisy clips differently, and it has none: give it data "
                f"= 'curated+noisy' or 'curated+best', or bind the {what} to a stage that has them, like "
                f"best/Stage.{parameter}"
            )
        if (missing := [s for s in self.stages if self.marks_best(s)]) and not self.selects:
            raise UserError(
                f"The loss of stage {missing[0].name} treats the best noisy clips differently, and no stage takes "
                "them: give it data = 'curated+best' or @Shares(), or BySource.best = None"
            )

    def _check_heads(self):
        """Each head of a stage has clips whose loss it can be told."""
        for stage in [*self.stages, *self.scorer_stages]:
            if stage.noisy_head and (whole := of_whole_batch(self.loss_of(stage))):
                raise UserError(
                    f"Stage {stage.name}: {name_of(whole)} compares the clips of a batch, and with noisy_head each "
                    "head has some of them: leave one out"
                )
        if all(stage.data == "noisy" for stage in self.stages) and (headed := [s for s in self.stages if s.noisy_head]):
            raise UserError(
                f"Stage {headed[0].name}: noisy_head leaves the first head, which is kept, to curated clips, and no "
                "stage has any: give it data = 'curated+noisy', or leave it out"
            )

    def _check_labels(self):
        """Labels that a stage changes are of clips that it has, and of a kind that its loss takes."""
        for stage in self.stages:
            ranking = next((part for part in parts_of(self.loss_of(stage)) if attribute(part, "outranks", False)), None)
            if ranking and ranking.smallest < 0.5 and attribute(stage.labels, "softens", False):
                raise UserError(
                    f"Stage {stage.name}: {name_of(stage.labels)} gives many classes a little, and {name_of(ranking)} "
                    f"takes all above {ranking.smallest} for labels: bind {name_of(ranking)}.smallest = 0.5, or leave "
                    "one of them out"
                )
            if stage.labels is not None and not (stage.uses_noisy or stage.labels.takes_curated):
                raise UserError(
                    f"Stage {stage.name}: {name_of(stage.labels)} changes noisy clips alone, and it has none: "
                    "give it data = 'curated+noisy', or SoftLabels.curated above 0"
                )

    def _without_xla(self) -> list[str]:
        parts = [part for stage in self.stages for part in (*stage.waveform_augmentations, *stage.augmentations)]
        return list(dict.fromkeys(name_of(part) for part in parts if not attribute(part, "compiles", True)))

    @property
    def policy(self) -> str:
        """The dtype policy that its precision stands for here."""
        return resolve_precision(self.precision)

    @property
    def uses_xla(self) -> bool:
        """Whether XLA compiles the training steps: where it is asked for, or open and faster, and all parts can be."""
        return uses_xla(self.jit_compile) and not self._without_xla()

    def loss_of(self, stage: Stage) -> Loss | type:
        """The loss that a stage minimises."""
        return self.loss if stage.loss is None else stage.loss

    def marks_noisy(self, stage: Stage) -> bool:
        """Whether the labels of a stage have a last column, 1 for noisy clips."""
        return stage.noisy_head or needs_noisy(self.loss_of(stage))

    def marks_best(self, stage: Stage) -> bool:
        """Whether they have one more, 1 for those of the noisy clips that the selection chose."""
        return needs_best(self.loss_of(stage))

    @property
    def selects(self) -> bool:
        """Whether a stage takes the best noisy clips."""
        return any(takes_best(stage.data) for stage in self.stages)

    @property
    def relabelled(self) -> list[tuple[str, Relabelling]]:
        """Name and labels of each stage that changes them."""
        return [(stage.name, stage.labels) for stage in unrolled(self.stages) if stage.labels is not None]

    @property
    def judged_parts(self) -> list[NoisySelection | Relabelling]:
        """All that asks a scorer: each has a scope."""
        return [*([self.selection] if self.selects else []), *(labels for _, labels in self.relabelled)]

    @property
    def takes_pictures(self) -> bool:
        """Whether training takes pictures of the cache; else windows of sound, of which its graph makes pictures."""
        return self.features == "cached"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Of a clip that training takes, without the batch."""
        return self.front_end.picture_shape if self.takes_pictures else (self.front_end.window_samples,)

    @property
    def scorer_runs(self) -> tuple[str, ...]:
        """Of `scorer_run`."""
        return (self.scorer_run,) if isinstance(self.scorer_run, str) else tuple(self.scorer_run or ())

    @property
    def fits_baseline(self) -> bool:
        """Whether a linear model is fitted to compare with: to pictures of the cache."""
        return self.baseline and self.takes_pictures

    @property
    def uses_noisy(self) -> bool:
        """Whether a stage takes noisy clips at all, one of the scorer included that is trained here."""
        scorer = self.scorer_stages if self.judged_parts and not self.scorer_run else ()
        return any(stage.uses_noisy for stage in (*self.stages, *scorer))

    def scorer(self) -> "Recipe":
        """The recipe of the model that scores the noisy clips."""
        return replace(self, stages=self.scorer_stages, scorer_stages=(), selection=None)


def _is_pair(value: object) -> bool:
    is_pair = isinstance(value, tuple | list) and len(value) == 2
    return is_pair and all(isinstance(number, Real) for number in value) and value[1] > 0


def _is_range(value: object) -> bool:
    """Whether it is two whole numbers, the second larger."""
    is_pair = isinstance(value, tuple | list) and len(value) == 2 and all(type(number) is int for number in value)
    return is_pair and 0 <= value[0] < value[1]

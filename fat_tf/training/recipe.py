"""Everything that a configuration says about a run, in one object."""

from collections.abc import Callable
from dataclasses import dataclass

import gin
import keras

from fat_tf.audio import FrontEnd
from fat_tf.errors import UserError, listed
from fat_tf.training.schedule import WarmupCosine

CHOICES = {
    "features": ("cached", "waveform"),
    "mix": ("pictures", "waveforms"),
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
        optimiser, mixup, spec_augment: classes or functions that make one; None leaves an augmentation out.
        schedule: number of epochs, and the learning rate of each.
        batch_size: clips.
        features: "cached" log-mels, or "waveform": decoded in tf.data, log-mels in the training step.
        mix: MixUp of "pictures", or of "waveforms" (with features = "waveform").
        normalisation: "training_set" (mean and deviation of each fold's training clips), "clip" (each picture's
            own), or (mean, deviation) in dB.
        validation_windows: regular windows a clip that are scored after each epoch.
        windows: regular windows a clip for out-of-fold and test scores.
        precision: dtype policy; "auto" is mixed_bfloat16 where the processor or the GPU computes it.
        jit_compile: XLA; on a CPU it is slower.
        unreadable: "stop" before training on files that cannot be read, or "leave_out" and list them.
        folds: numbers of the folds to train; None for all.
        baseline: compare the test scores with a linear model on log-mel statistics.
        deterministic: TensorFlow's deterministic operations: the same result each time.
        seed: of weights, order, windows and augmentation; fold f takes seed + f.
    """

    model: Callable[..., keras.Model]
    front_end: FrontEnd
    optimiser: Callable[..., keras.optimizers.Optimizer]
    schedule: WarmupCosine
    batch_size: int
    mixup: Callable[..., keras.layers.Layer] | None = None
    spec_augment: Callable[..., keras.layers.Layer] | None = None
    features: str = "cached"
    mix: str = "pictures"
    normalisation: str | tuple[float, float] = "training_set"
    validation_windows: int = 4
    windows: int = 8
    precision: str = "auto"
    jit_compile: bool = False
    unreadable: str = "stop"
    folds: tuple[int, ...] | None = None
    baseline: bool = False
    deterministic: bool = True
    seed: int = 2019

    def __post_init__(self):
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise UserError(f"Recipe.{name} is one of {listed(choices)}, not {getattr(self, name)!r}")
        for name in ("batch_size", "validation_windows", "windows"):
            if getattr(self, name) < 1:
                raise UserError(f"Recipe.{name} must be 1 or more, not {getattr(self, name)}")
        if self.seed < 0:
            raise UserError(f"Recipe.seed must be 0 or more, not {self.seed}")
        if self.folds is not None and not isinstance(self.folds, tuple | list):
            raise UserError(f"Recipe.folds is None or a list of numbers like (0, 2), not {self.folds!r}")
        if self.mix == "waveforms" and self.features != "waveform":
            raise UserError('Recipe.mix = "waveforms" needs Recipe.features = "waveform": the cache holds pictures')
        if self.normalisation not in ("training_set", "clip") and not _is_pair(self.normalisation):
            raise UserError(
                f'Recipe.normalisation is "training_set", "clip" or (mean, deviation), not {self.normalisation!r}'
            )

    @property
    def epochs(self) -> int:
        """Passes over the training clips."""
        return self.schedule.epochs


def _is_pair(value: object) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2 and value[1] > 0

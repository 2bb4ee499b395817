"""Clips to scores: all folds in one pass, batches filled across clips."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import gin
import numpy as np
import soxr

from fat_tf.audio import FrontEnd
from fat_tf.errors import UserError, counted, listed
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.clip_pictures import ClipPictures, PictureStream
from fat_tf.inference.run_models import Models
from fat_tf.inference.window_scoring import SharedTrunkScorer, WholeClipScorer, WindowScorer, long_frames

PLACEMENTS = ("regular", "random", "whole")
PART = 256  # clips that others' windows do not fill batches with: whoever scores a part alone computes the same


@gin.register
@dataclass(frozen=True)
class Prediction:
    """How clips are scored.

    Args:
        windows: a clip; a clip that is no longer than one has one.
        placement: "regular", "random", or "whole": the model sees the whole clip at once, of a clip of more than five
            minutes equal parts.
        batch_size: windows.
        shared_trunk: run the convolutions once over the whole clip and cut the windows from the feature maps, where
            windows overlap and the clip has five minutes at most.
        precision: dtype policy; "auto" is mixed_bfloat16 where the hardware computes it.
        seed: of random windows.

    Raises:
        UserError: windows or a batch of 0 or less, another placement.
    """

    windows: int = 8
    placement: str = "regular"
    batch_size: int = 64
    shared_trunk: bool = False
    precision: str = "auto"
    seed: int = 2019

    def __post_init__(self):
        if self.windows < 1 or self.batch_size < 1:
            raise UserError(
                f"Prediction: windows and batch_size must be 1 or more, not {self.windows} and {self.batch_size}"
            )
        if self.placement not in PLACEMENTS:
            raise UserError(f"Prediction.placement is one of {listed(PLACEMENTS)}, not {self.placement!r}")
        if self.shared_trunk and self.placement == "whole":
            raise UserError('Prediction.shared_trunk shares the work of windows, and placement = "whole" has none')


@dataclass(frozen=True)
class ClipScore:
    """A clip's scores (classes,) float64, means of sigmoids; `error` where there are none."""

    clip: Clip
    scores: np.ndarray | None
    error: str = ""


class Predictor:
    """Scores clips with models; kept, so that its graphs are traced once.

    vocabulary: class of each score. sample_rate: Hz, and window_seconds: of what the models see; of the first ones
    where they differ. files: of the models. settings: all else that the scores depend on. description: in words.

    Args:
        models: of `load_runs`.
        prediction: how.
    """

    def __init__(self, models: Models, prediction: Prediction):
        self.vocabulary, self.files = models.vocabulary, models.files
        self.sample_rate = models.groups[0].front_end.sample_rate
        self.window_seconds = models.groups[0].front_end.window_seconds
        self.settings = repr((models.policy, asdict(prediction)))
        runs = listed(dict.fromkeys(file.parents[1] for file in models.files))
        self.description = (
            f"{runs}, {counted(len(models.files), 'model')}, {len(models.vocabulary)} classes, {models.policy}"
        )
        self._batch_size = prediction.batch_size
        self._front_ends = [group.front_end for group in models.groups]
        self._draw = PictureStream(self._front_ends)
        if prediction.placement == "whole":
            self._scorers = [WholeClipScorer(group) for group in models.groups]
        else:
            scorer = SharedTrunkScorer if prediction.shared_trunk else WindowScorer
            how = (prediction.placement, prediction.windows, prediction.seed, prediction.batch_size)
            self._scorers = [scorer(group, *how) for group in models.groups]

    def __call__(self, clips: Sequence[Clip]) -> Iterator[ClipScore]:
        """Scores of the clips in their order, with as few as possible in memory."""
        for batch in self._batches(self._draw(clips)):
            good = [drawn for drawn in batch if not drawn.error]
            scores = iter(self._score(good) if good else ())
            for drawn in batch:
                yield ClipScore(drawn.clip, None if drawn.error else next(scores), drawn.error)

    def score_sound(self, samples: np.ndarray) -> np.ndarray:
        """Scores (classes,) float64 of a sound (samples,) float32 at `sample_rate`."""
        pictures = [self._picture(front_end, samples) for front_end in self._front_ends]
        return self._score([ClipPictures(Clip("", ""), tuple(pictures), "")])[0]

    def _picture(self, front_end: FrontEnd, samples: np.ndarray) -> np.ndarray:
        if front_end.sample_rate != self.sample_rate:
            samples = soxr.resample(samples, self.sample_rate, front_end.sample_rate)
        return front_end(front_end.prepare(samples)[None])[0].numpy()

    def _batches(self, stream: Iterable[ClipPictures]) -> Iterator[list[ClipPictures]]:
        """Clips whose windows fill a batch together; a long one is a batch alone, so that no other waits in memory."""
        batch, filled = [], 0
        for number, drawn in enumerate(stream):
            is_long = drawn.pictures[0].shape[1] > long_frames(self._front_ends[0])
            windows = self._batch_size if is_long else self._scorers[0].windows(drawn.pictures[0].shape[1])
            if batch and (filled + windows > self._batch_size or number % PART == 0):
                yield batch
                batch, filled = [], 0
            batch.append(drawn)
            filled += windows
            if is_long:
                yield batch
                batch, filled = [], 0
        if batch:
            yield batch

    def _score(self, clips: list[ClipPictures]) -> np.ndarray:
        """(clips, classes): the sum of what the groups contribute."""
        by_group = zip(*(drawn.pictures for drawn in clips), strict=True)
        fnames = [drawn.clip.fname for drawn in clips]
        return sum(score(fnames, pictures) for score, pictures in zip(self._scorers, by_group, strict=True))

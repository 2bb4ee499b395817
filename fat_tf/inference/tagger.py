"""Tags of sounds in Python."""

from collections.abc import Iterable, Iterator
from os import PathLike

import numpy as np
import soxr

from fat_tf.audio.decode import LOUDEST, SHORTEST
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.exported_model import SavedModelPredictor
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_runs
from fat_tf.inference.sliding_windows import sliding_windows

Tags = list[tuple[str, float]]


class Tagger:
    """Says what is heard in a sound; kept, so that its models are loaded once.

    labels: classes, in the order of scores. sample_rate: Hz, and window_seconds: of what the models see.

    Args:
        predictor: of runs, or of an exported model.
    """

    def __init__(self, predictor: Predictor | SavedModelPredictor):
        self.labels = predictor.vocabulary
        self.sample_rate = predictor.sample_rate
        self.window_seconds = predictor.window_seconds
        self._predictor = predictor

    @classmethod
    def from_run(cls, *run_dirs: str | PathLike, prediction: Prediction | None = None) -> "Tagger":
        """The mean of all folds of one run or several; the default windows are those of tools/predict.py.

        Raises:
            UserError: no finished run, runs of different classes.
        """
        prediction = prediction or Prediction()
        return cls(Predictor(load_runs(run_dirs, prediction.precision), prediction))

    @classmethod
    def from_saved_model(cls, folder: str | PathLike) -> "Tagger":
        """A model of tools/export.py; the newest version in its folder.

        Raises:
            UserError: no such model.
        """
        return cls(SavedModelPredictor(folder))

    def scores(self, file: str | PathLike) -> np.ndarray:
        """Scores (classes,) float64 of a sound file, in the order of `labels`.

        Raises:
            UserError: it cannot be read.
        """
        (scored,) = self._predictor([Clip(str(file), str(file))])
        if scored.error:
            raise UserError(f"{file} cannot be read: {scored.error}")
        return scored.scores

    def scores_of(self, samples: np.ndarray, sample_rate: int) -> np.ndarray:
        """Scores (classes,) float64 of a sound (samples,) in [-1, 1] at a rate in Hz.

        Raises:
            UserError: samples of another shape, too few of them, or some that are not finite.
        """
        resampled = soxr.resample(_checked(samples), sample_rate, self.sample_rate)
        if len(resampled) < SHORTEST:
            raise UserError(f"The sound is too short: {len(samples)} samples")
        return self._predictor.score_sound(resampled)

    def tag(self, file: str | PathLike, top: int = 5) -> Tags:
        """The `top` tags of a sound file with their scores, best first; errors as in `scores`."""
        return self._best(self.scores(file), top)

    def tag_stream(
        self, blocks: Iterable[np.ndarray], sample_rate: int, hop_seconds: float = 1.0, top: int = 5
    ) -> Iterator[tuple[float, Tags]]:
        """Tags of live or very long sound, a result every hop, in memory that does not grow.

        Each result is that of one window alone, as `scores_of` gives it for these samples.

        Args:
            blocks: (samples,) each, in [-1, 1]; of any lengths.
            sample_rate: Hz.
            hop_seconds: from window to window.
            top: tags of each window.

        Yields:
            (seconds from the start to the window's start, tags). The last window ends with the sound.

        Raises:
            UserError: a hop of less than a sample; samples as in `scores_of`.
        """
        window, hop = (round(seconds * self.sample_rate) for seconds in (self.window_seconds, hop_seconds))
        if hop < 1:
            raise UserError(f"hop_seconds must be above 0, not {hop_seconds}")
        for start, samples in sliding_windows(_resampled(blocks, sample_rate, self.sample_rate), window, hop):
            yield start / self.sample_rate, self._best(self._predictor.score_sound(samples), top)

    def _best(self, scores: np.ndarray, top: int) -> Tags:
        return [(self.labels[k], float(scores[k])) for k in np.argsort(-scores, kind="stable")[:top]]


def _resampled(blocks: Iterable[np.ndarray], rate: int, wanted: int) -> Iterator[np.ndarray]:
    """The same blocks at another rate, as if they had been resampled in one."""
    stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(_checked(block))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _checked(samples: np.ndarray) -> np.ndarray:
    """The samples as float32, if they are one channel of finite floats."""
    samples = np.asarray(samples)
    if samples.ndim != 1 or samples.dtype.kind != "f":
        raise UserError(f"A sound is floats in [-1, 1] of shape (samples,), not {samples.dtype} of {samples.shape}")
    if not (np.abs(samples) <= LOUDEST).all():
        raise UserError("The sound has samples that are not finite, or beyond a billion")
    return samples.astype(np.float32)

"""Tags of sounds in Python."""

from collections.abc import Iterable, Iterator
from os import PathLike

import numpy as np

from fat_tf.audio.decode import resampled
from fat_tf.errors import UserError
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.exported_model import SavedModelPredictor
from fat_tf.inference.given_sound import check_rate, file_of, is_file, mono, samples_at
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_runs
from fat_tf.inference.sliding_windows import sliding_windows
from fat_tf.names import spelled

Tags = list[tuple[str, float]]
Sound = str | PathLike | bytes | np.ndarray


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

    def __repr__(self) -> str:
        window = f"windows of {self.window_seconds:g} s"
        return f"Tagger({self._predictor.description}, {self.sample_rate} Hz, {window})"

    def scores(self, sound: Sound, sample_rate: float | None = None) -> np.ndarray:
        """Scores (classes,) float64 of a sound, in the order of `labels`.

        Args:
            sound: the place of a sound file, its contents (bytes), or samples: (samples,) or (samples, channels),
                which are averaged, floats in [-1, 1] or integers of full scale.
            sample_rate: Hz, of samples alone.

        Raises:
            UserError: it cannot be read; samples of another shape, too few, not finite, or without their rate.
        """
        if not is_file(sound):
            return self._predictor.score_sound(samples_at(sound, sample_rate, self.sample_rate))
        if sample_rate is not None:
            raise UserError("A sound file has a rate of its own: leave out sample_rate")
        with file_of(sound) as file:
            (scored,) = self._predictor([Clip(file, file)])
        if scored.error:
            name = "The sound" if isinstance(sound, (bytes, bytearray, memoryview)) else spelled(file)
            raise UserError(f"{name} cannot be read: {scored.error}")
        return scored.scores

    def tag(self, sound: Sound, top: int = 5, sample_rate: float | None = None) -> Tags:
        """The `top` tags of a sound with their scores, best first; arguments and errors as in `scores`."""
        return self._best(self.scores(sound, sample_rate), top)

    def tag_stream(
        self, blocks: Iterable[np.ndarray], sample_rate: int, hop_seconds: float = 1.0, top: int = 5
    ) -> Iterator[tuple[float, Tags]]:
        """Tags of live or very long sound, a result every hop, in memory that does not grow.

        Each result is that of one window alone, as `scores` gives it for these samples.

        Args:
            blocks: samples as in `scores`, of any lengths.
            sample_rate: Hz.
            hop_seconds: from window to window.
            top: tags of each window.

        Yields:
            (seconds from the start to the window's start, tags). The last window ends with the sound.

        Raises:
            UserError: a hop of less than a sample; samples as in `scores`.
        """
        window, hop = (round(seconds * self.sample_rate) for seconds in (self.window_seconds, hop_seconds))
        if hop < 1:
            raise UserError(f"hop_seconds must be above 0, not {hop_seconds}")
        check_rate(sample_rate)
        at_rate = resampled(map(mono, blocks), sample_rate, self.sample_rate)
        for start, samples in sliding_windows(at_rate, window, hop):
            yield start / self.sample_rate, self._best(self._predictor.score_sound(samples), top)

    def _best(self, scores: np.ndarray, top: int) -> Tags:
        return [(self.labels[k], float(scores[k])) for k in np.argsort(-scores, kind="stable")[:top]]

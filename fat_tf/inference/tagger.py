"""Tags of sounds in Python."""

from os import PathLike

import numpy as np

from fat_tf.errors import UserError
from fat_tf.inference.clips import Clip
from fat_tf.inference.models import Models, load_runs
from fat_tf.inference.prediction import Prediction, Predictor


class Tagger:
    """Says what is heard in a sound; kept, so that its models are loaded once.

    Args:
        models: of `load_runs`.
        prediction: windows, precision; the defaults are those of tools/predict.py.
    """

    def __init__(self, models: Models, prediction: Prediction | None = None):
        self.labels = models.vocabulary
        self._predictor = Predictor(models, prediction or Prediction())

    @classmethod
    def from_run(cls, *run_dirs: str | PathLike, prediction: Prediction | None = None) -> "Tagger":
        """The mean of all folds of one run or several.

        Raises:
            UserError: no finished run, runs of different classes.
        """
        prediction = prediction or Prediction()
        return cls(load_runs(run_dirs, prediction.precision), prediction)

    def scores(self, file: str | PathLike) -> np.ndarray:
        """Scores (classes,) float64 of a sound file, in the order of `labels`.

        Raises:
            UserError: it cannot be read.
        """
        (scored,) = self._predictor([Clip(str(file), str(file))])
        if scored.error:
            raise UserError(f"{file} cannot be read: {scored.error}")
        return scored.scores

    def tag(self, file: str | PathLike, top: int = 5) -> list[tuple[str, float]]:
        """The `top` tags of a sound file with their scores, best first; errors as in `scores`."""
        scores = self.scores(file)
        return [(self.labels[k], float(scores[k])) for k in np.argsort(-scores, kind="stable")[:top]]

"""What a linear model makes of log-mel statistics: the figure that a network must beat."""

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fat_tf.data.sources import ClipSource
from fat_tf.metrics.blocks import blocks
from fat_tf.metrics.lwlrap import blocks_of_precision, lwlrap_of_blocks

CHANCE_ROUNDS = 20


def log_mel_statistics(source: ClipSource, rows: np.ndarray) -> np.ndarray:
    """Mean and deviation over time of each mel band, (rows, 2 · mels · channels), of cached pictures."""
    by_row = {}
    for row, picture in source.examples(rows).as_numpy_iterator():
        picture = picture.astype(np.float64)
        by_row[row] = np.concatenate([picture.mean(axis=0), picture.std(axis=0)])
    return np.stack([by_row[row] for row in rows])


def linear_scores(source: ClipSource, targets: np.ndarray, training: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Scores (test clips, classes) of one-against-all logistic regression on `log_mel_statistics`."""
    model = make_pipeline(StandardScaler(), OneVsRestClassifier(LogisticRegression(max_iter=1000)))
    model.fit(log_mel_statistics(source, training), targets[training])
    return model.predict_proba(log_mel_statistics(source, test))


def chance_lwlraps(truth: np.ndarray, seed: int) -> list[float]:
    """lwlrap of random scores for the truth (clips, classes), of several rounds."""
    rng = np.random.default_rng(seed)
    return [_of_chance(truth, rng) for _ in range(CHANCE_ROUNDS)]


def _of_chance(truth: np.ndarray, rng: np.random.Generator) -> float:
    """lwlrap of random scores, of which some clips' are drawn at a time: the same as all at once."""
    drawn = (pair for (block,) in blocks(truth) for pair in blocks_of_precision(block, rng.random(block.shape)))
    per_class, weight = lwlrap_of_blocks(drawn, truth.shape[1:])
    return float((per_class * weight).sum())

"""What a tagger is worth against its speed and size: one fold of each run, in every precision, side by side."""

import math
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from fat_tf.benchmark.peer import DEVIATION, MEAN
from fat_tf.benchmark.timing import ROUNDS, alternate
from fat_tf.errors import UserError
from fat_tf.evaluation.candidates import Candidate, Candidates
from fat_tf.evaluation.truth import Truth
from fat_tf.export.formats import POLICIES
from fat_tf.export.litert import INT8, convert, scores_of, write_litert
from fat_tf.export.litert_scorer import BATCH, LiteRTScorer
from fat_tf.export.truth_check import ClipScorer, score_table
from fat_tf.inference.clip_list import Clip
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import Models, load_fold
from fat_tf.metrics import bootstrap_interval, overall_lwlrap, paired_difference
from fat_tf.models.device import resolve_precision
from fat_tf.notices import progress_bar, say, warn
from fat_tf.runs.own_parts import load_parts

WINDOWS = 8 * BATCH  # that a model scores in its turn
FULL, HALF, EIGHT_BIT = "float32", "bfloat16", "int8"


@dataclass(frozen=True)
class Served:
    """A fold as it would be used.

    run: its name. precision: FULL, HALF or EIGHT_BIT. parameters: of the network, batch normalisations folded.
    window_seconds: what it sees at once. megabytes: the network alone, its weights or its LiteRT file. scores: (clips,
    classes). works: ways to score WINDOWS random pictures, of which the fastest counts. litert_megabytes: of the LiteRT
    file that takes sound.
    """

    run: str
    fold: int
    precision: str
    parameters: int
    window_seconds: float
    megabytes: float
    scores: np.ndarray
    works: tuple[Callable[[], object], ...]
    litert_megabytes: float = math.nan


def trade_off(judged: Candidates, clips: Sequence[Clip]) -> pd.DataFrame:
    """Measure every fold in float32, in bfloat16 where the processor computes it, and as LiteRT with 8-bit weights.

    Args:
        judged: of `find_candidates`.
        clips: their sounds, as `find_sounds` gives them.

    Returns:
        A row a fold and precision; see `rows_of`.

    Raises:
        UserError: models or own parts that cannot be loaded side by side, clips that cannot be read.
    """
    for candidate in judged.folds:
        load_parts(candidate.run)
    precisions = [name for name in (FULL, HALF) if name == FULL or resolve_precision("auto") == POLICIES[HALF]]
    if HALF not in precisions:
        say("bfloat16 is left out: this processor does not compute it")
    scores = _Scores(judged, clips)
    served = [way for candidate in judged.folds for way in _ways(candidate, precisions, scores)]
    return rows_of(served, _in_turns(served), judged.truth)


def rows_of(served: Sequence[Served], seconds: Sequence[float], truth: Truth) -> pd.DataFrame:
    """Figures of what was measured, each beside the first.

    Args:
        served: the first one is what the others are compared with.
        seconds: that each took for WINDOWS windows.
        truth: of the clips; groups of them are resampled whole.

    Returns:
        run, fold, precision, parameters, window_seconds, megabytes, litert_megabytes, clips_per_second (windows),
        times_as_fast (as the first), lwlrap, lwlrap_low, lwlrap_high (95 % bootstrap interval), and difference,
        difference_low, difference_high (minus the first one's, paired).
    """
    rows, targets = [], truth.targets
    for way, took in zip(served, seconds, strict=True):
        low, high = bootstrap_interval(targets, way.scores, groups=truth.groups)
        difference, (least, most) = paired_difference(targets, way.scores, served[0].scores, groups=truth.groups)
        rows.append({
            **{name: value for name, value in vars(way).items() if name not in ("scores", "works")},
            "clips_per_second": WINDOWS / took,
            "times_as_fast": seconds[0] / took,
            **{"lwlrap": overall_lwlrap(targets, way.scores), "lwlrap_low": low, "lwlrap_high": high},
            **{"difference": difference, "difference_low": least, "difference_high": most},
        })  # fmt: skip
    return pd.DataFrame(rows)


class _Scores:
    """Has clips scored, in the order that is judged.

    Args:
        judged, clips: see `trade_off`.
    """

    def __init__(self, judged: Candidates, clips: Sequence[Clip]):
        self._judged, self._clips = judged, clips

    def __call__(self, scorer: ClipScorer, models: Models, doing: str) -> np.ndarray:
        """(clips, classes) by a scorer of these models."""
        scored = progress_bar(scorer(self._clips), doing, len(self._clips), unit="clip")
        return score_table(scored, models.vocabulary).ordered(self._judged.truth.fnames, self._judged.vocabulary).scores


def _ways(candidate: Candidate, precisions: Sequence[str], scores: _Scores) -> Iterator[Served]:
    """What is served of a fold."""
    print(f"Scoring the clips with {candidate.name}, fold {candidate.fold} ...", flush=True)
    for precision in precisions:
        yield _by_keras(candidate, precision, scores)
    models = load_fold(candidate.run, candidate.fold, POLICIES[FULL])
    try:
        scorer, sizes, works = _litert(candidate, models)
    except UserError as error:
        warn(f"{candidate.name} has no int8: {error.message}")
        return
    ours = scores(scorer, models, f"{candidate.name}, {EIGHT_BIT}")
    yield Served(**_facts(candidate, models), precision=EIGHT_BIT, **sizes, scores=ours, works=works)


def _by_keras(candidate: Candidate, precision: str, scores: _Scores) -> Served:
    """In a precision; with the run's own scores where they were computed in the same."""
    models = load_fold(candidate.run, candidate.fold, POLICIES[precision])
    ours = candidate.scores
    if models.policy != candidate.precision:
        predictor = Predictor(models, Prediction(candidate.windows, precision=models.policy))
        ours = scores(predictor, models, f"{candidate.name}, {precision}")
    network = models.groups[0].networks[0]
    size = sum(math.prod(weight.shape) * tf.as_dtype(weight.dtype).size for weight in network.weights)
    works = (_passes(network, _pictures(models)),)
    return Served(**_facts(candidate, models), precision=precision, megabytes=size / 1e6, scores=ours, works=works)


def _litert(candidate: Candidate, models: Models) -> tuple[LiteRTScorer, dict[str, float], tuple[Callable, ...]]:
    """8-bit weights: what scores sound, and the sizes and passes, which are those of the network alone.

    Raises:
        UserError: the model cannot be converted.
    """
    front_end, pictures = models.groups[0].front_end, _pictures(models)
    with tempfile.TemporaryDirectory() as scratch:
        from_sound, alone = Path(scratch) / INT8, Path(scratch) / "network.tflite"
        write_litert(from_sound.parent, models)
        spec = tf.TensorSpec([None, *pictures.shape[1:]])
        alone.write_bytes(convert(scores_of(models, from_sound=False), spec)[INT8])
        scorer = LiteRTScorer(from_sound, front_end, candidate.windows, threads=1)
        networks = [LiteRTScorer(alone, front_end, candidate.windows, threads) for threads in (1, None)]
        sizes = {"megabytes": _megabytes(alone), "litert_megabytes": _megabytes(from_sound)}
    works = tuple((lambda network=network: network.score(pictures)) for network in networks)
    return scorer, sizes, works


def _facts(candidate: Candidate, models: Models) -> dict[str, object]:
    (group,) = models.groups
    of_model = {"parameters": group.networks[0].count_params(), "window_seconds": group.front_end.window_seconds}
    return {"run": candidate.name, "fold": candidate.fold, **of_model}


def _megabytes(file: Path) -> float:
    return file.stat().st_size / 1e6


def _pictures(models: Models) -> np.ndarray:
    """Random ones, in dB: they do not change the speed."""
    shape = models.groups[0].front_end.picture_shape
    return np.random.default_rng(0).normal(MEAN, DEVIATION, (WINDOWS, *shape)).astype(np.float32)


def _passes(network: keras.Model, pictures: np.ndarray) -> Callable[[], object]:
    """Pictures to logits, batch by batch."""
    infer = tf.function(lambda batch: network(batch, training=False))
    batches = list(map(tf.constant, np.split(pictures, len(pictures) // BATCH)))
    return lambda: [infer(batch).numpy() for batch in batches]


def _in_turns(served: Sequence[Served]) -> list[float]:
    """Seconds that each takes, while other work on the machine slows all of them alike."""
    works = [work for way in served for work in way.works]
    print("Timing all of them in turns ...", flush=True)
    with progress_bar(desc="Timing in turns", total=len(works) * (1 + ROUNDS)) as bar:
        seconds = iter(alternate(*((lambda work=work: (work(), bar.update())) for work in works)))
    return [min(next(seconds) for _ in way.works) for way in served]

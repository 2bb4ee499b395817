"""The labels of a run's training clips, judged: a row a clip, the most doubtful first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from fat_tf.config import check_all_read
from fat_tf.data.builtin import open_dataset
from fat_tf.data.same_sounds import same_pictures, similar_pictures
from fat_tf.evaluation.label_audit import LabelAudit
from fat_tf.evaluation.label_quality import margin
from fat_tf.evaluation.left_out import scores_of_others
from fat_tf.evaluation.unseen_scores import UnseenScores, of_noisy, out_of_fold
from fat_tf.runs.directory import RunDirectory
from fat_tf.training.baseline import log_mel_statistics
from fat_tf.training.noisy_scores import check_classes
from fat_tf.training.recipe import Recipe
from fat_tf.training.run_data import RunData, load_run_data

TOP = 3  # classes shown of each clip
CERTAIN = 1e-6  # of a score, before its logit is taken


@dataclass(frozen=True)
class RunAudit:
    """table: rank (from 1), fname, source, labels, quality, doubt, suggested, top, agreement, duplicate_of; and path,
    start (seconds into the trimmed clip to a window that decided).

    labels, suggested: texts, as in a CSV. vocabulary: classes. judged_by: who judged each source, in words.
    """

    table: pd.DataFrame
    vocabulary: tuple[str, ...]
    judged_by: dict[str, str]


def audit_run(
    audit: LabelAudit,
    recipe: Recipe,
    run_dir: str | Path,
    scorer: str | Path | None = None,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    gin_params: Sequence[str] = (),
) -> RunAudit:
    """Judge the labels of a data set's curated and noisy clips.

    Args:
        audit: how.
        recipe: of the run.
        run_dir: the run; curated clips are judged by its out-of-fold scores.
        scorer: run on curated clips, to judge the noisy ones; None: this run, or the one that chose its noisy clips.
        data_dir: the data set; None for the built-in one.
        cache_dir: of log-mels; None for the user's cache folder.
        gin_params: bindings of the command line, each of which must be read by something.

    Raises:
        UserError: no finished fold, other classes, no models that have not seen the noisy clips, files that cannot be
            read.
    """
    run, data = RunDirectory(run_dir), _load(recipe, data_dir, cache_dir)
    check_all_read(gin_params)
    check_classes(run, data.dataset)
    unseen = {"curated": out_of_fold(run, data)}
    if len(data.noisy):
        unseen["noisy"] = of_noisy(recipe, run, data, scorer)
    rows = np.concatenate([part.rows for part in unseen.values()])
    parts = [_judged(audit, data, part) for part in unseen.values() if len(part.rows)]
    table = pd.concat(parts, ignore_index=True).assign(duplicate_of=_duplicates(data)[rows])
    table = table.sort_values("quality", kind="stable", ignore_index=True)
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return RunAudit(table, data.dataset.vocabulary, {source: part.by for source, part in unseen.items()})


def _load(recipe: Recipe, data_dir: str | Path | None, cache_dir: str | Path | None) -> RunData:
    """The training clips with their pictures, whatever the run was trained on."""
    dataset = open_dataset(data_dir)
    sources = ["curated", *(["noisy"] if len(dataset.of("noisy")) else [])]

    def one_fold(clips: pd.DataFrame, targets: np.ndarray) -> np.ndarray:
        return np.zeros(len(clips), int)

    return load_run_data(replace(recipe, features="cached"), dataset, cache_dir, sources, one_fold)


def _judged(audit: LabelAudit, data: RunData, unseen: UnseenScores) -> pd.DataFrame:
    """The table of one source's clips, without ranks and duplicates."""
    clips, targets = data.clips.iloc[unseen.rows], data.targets[unseen.rows]
    scores = unseen.scores.mean(axis=0)
    if audit.ridge is not None:
        logits = np.log(np.maximum(scores, CERTAIN)) - np.log(np.maximum(1 - scores, CERTAIN))
        statistics = log_mel_statistics(data.source, unseen.rows)
        scores = scores_of_others(np.concatenate([logits, statistics], axis=1), targets, audit.ridge)
    doubts, names = audit.doubts(targets, scores), np.array(data.dataset.vocabulary)
    doubting = np.sum([margin(targets, of_model) < 0.5 for of_model in unseen.scores], axis=0)
    return pd.DataFrame({
        "fname": clips["fname"].to_numpy(),
        "source": clips["source"].to_numpy(),
        "labels": clips["labels"].map(",".join).to_numpy(),
        "quality": doubts.quality.round(6),
        "doubt": doubts.kinds,
        "suggested": [",".join(names[heard]) for heard in doubts.heard],
        "top": [_top(names, of_clip) for of_clip in scores],
        "agreement": [f"{models} of {len(unseen.scores)}" for models in doubting],
        "path": clips["path"].to_numpy(),
        "start": unseen.starts,
    })  # fmt: skip


def _top(names: np.ndarray, scores: np.ndarray) -> str:
    return ", ".join(f"{names[k]} {scores[k]:.2f}" for k in np.argsort(-scores, kind="stable")[:TOP])


def _duplicates(data: RunData) -> np.ndarray:
    """Of each row of the data the clip that sounds the same and has other labels, or an empty text."""
    rows = np.arange(len(data.clips))  # as folds too: every clip is compared with all others
    pairs = same_pictures(data.index, rows, rows) | similar_pictures(data.source, rows, rows)
    names, labels = data.clips["fname"].tolist(), data.clips["labels"].map(frozenset).tolist()
    found = [""] * len(rows)
    for a, b in sorted(pairs):
        if labels[a] != labels[b]:
            found[a], found[b] = found[a] or names[b], found[b] or names[a]
    return np.array(found, dtype=object)

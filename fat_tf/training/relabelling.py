"""Labels of a stage that follow what models of other clips say: softer ones, or those that are missing."""

from dataclasses import dataclass
from typing import Protocol

import gin
import numpy as np
from scipy.special import expit, logit

from fat_tf.errors import UserError, listed
from fat_tf.parts import blamed, name_of

SCOPES = ("all_folds", "per_fold")
SMALLEST = 1e-7  # of a probability whose logit is taken


class Relabelling(Protocol):
    """What a stage needs of its `labels`.

    scope: whose scores of the noisy clips: "all_folds" of the scorer, their mean, or "per_fold", the fold's own model.
    takes_curated: whether labels of curated clips change; their scores are out of fold.
    """

    scope: str
    takes_curated: bool

    def __call__(self, targets: np.ndarray, scores: np.ndarray, is_noisy: np.ndarray) -> np.ndarray:
        """Labels (clips, classes) float32 from the given ones, probabilities of the same shape, and (clips,) bool."""


@gin.register
@dataclass(frozen=True)
class SoftLabels:
    """(1 − w)·y + w·σ(logit(p) / temperature): labels y in part, and for the rest what a scorer says, p.

    Cross-entropy is linear in the label: it is that of y and that of p in these shares, as in distillation (Hinton et
    al., "Distilling the Knowledge in a Neural Network", 2015, https://arxiv.org/abs/1503.02531; here the temperature is
    of the scorer's logits alone) and in learning from pseudo-labels of noisy clips, as the 4th place of FSDKaggle2019
    did (Akiyama and Sato, "DCASE 2019 Task 2: Multitask Learning, Semi-supervised Learning and Model Ensemble with
    Noisy Data for Audio Tagging", 2019, https://github.com/OsciiArt/Freesound-Audio-Tagging-2019).

    Args:
        noisy, curated: w of the clips of a source, from 0 to 1.
        temperature: above 0; above 1 for softer labels.
        scope: as in `Relabelling`.

    Call arguments:
        targets: (clips, classes), the labels as given.
        scores: (clips, classes), probabilities by the scorer.
        is_noisy: (clips,) bool.

    Returns:
        (clips, classes) float32, labels from 0 to 1.

    Raises:
        UserError: noisy or curated not from 0 to 1, a temperature of 0 or less, another scope.
    """

    softens = True  # labels are scores then, most of them small

    noisy: float = 0.7
    curated: float = 0.0
    temperature: float = 1.0
    scope: str = "all_folds"

    def __post_init__(self):
        if not (0 <= self.noisy <= 1 and 0 <= self.curated <= 1 and self.temperature > 0):
            raise UserError(f"SoftLabels: noisy and curated are from 0 to 1, temperature above 0; not {self}")
        check_scope(self)

    @property
    def takes_curated(self) -> bool:
        """Whether labels of curated clips change."""
        return self.curated > 0

    def __call__(self, targets, scores, is_noisy):
        share = np.where(is_noisy, self.noisy, self.curated)[:, None]
        said = expit(logit(np.clip(scores, SMALLEST, 1 - SMALLEST)) / self.temperature)
        return np.where(share > 0, (1 - share) * targets + share * said, targets).astype(np.float32)


@gin.register
@dataclass(frozen=True)
class AddedLabels:
    """Labels that noisy clips lack: classes that score above the mean of the noisy clips that have their label.

    Of a class that n noisy clips have, with a mean score m: y = 1 of the noisy clips without it where p > m, but of the
    round(cap·n) with the highest p at most, or of one. A class that no noisy clip has is not added. The 3rd place of
    FSDKaggle2019 also added to labels what a model said, by one threshold for all classes (`relabelall-merge` of
    relabel_noisy_data.py, https://github.com/ex4sperans/freesound-classification).

    Args:
        cap: clips that get the label of a class at most: a share of the noisy ones that have it, above 0.
        scope: as in `Relabelling`.

    Call arguments:
        targets: (clips, classes), the labels as given.
        scores: (clips, classes), probabilities by the scorer.
        is_noisy: (clips,) bool.

    Returns:
        (clips, classes) of the dtype of the targets, labels from 0 to 1.

    Raises:
        UserError: a cap of 0 or less, another scope.
    """

    takes_curated = False

    cap: float = 0.2
    scope: str = "all_folds"

    def __post_init__(self):
        if self.cap <= 0:
            raise UserError(f"AddedLabels.cap is above 0, not {self.cap}")
        check_scope(self)

    def __call__(self, targets, scores, is_noisy):
        labels = targets.copy()
        for name in range(targets.shape[1]):
            has = targets[:, name] > 0
            if not (has & is_noisy).any():
                continue
            lacking = np.flatnonzero(is_noisy & ~has & (scores[:, name] > scores[has & is_noisy, name].mean()))
            count = max(1, round(self.cap * (has & is_noisy).sum()))
            labels[lacking[np.argsort(-scores[lacking, name], kind="stable")][:count], name] = 1
        return labels


def relabelled(
    part: Relabelling, stage: str, given: np.ndarray, scores: np.ndarray, is_noisy: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """Labels (clips, classes) float32 as a part changes them.

    Args:
        part: changes them.
        stage: the name of its stage.
        given, scores, is_noisy: as it takes them.
        rows: of the clips that are trained on: the others' labels may be anything.

    Raises:
        UserError: what it raises, or labels that are none.
    """
    what = f"Labels of stage {stage} by {name_of(part)}"
    with blamed(what):
        labels = np.asarray(part(given, scores, is_noisy), np.float32)
    if labels.shape != given.shape or not ((labels[rows] >= 0) & (labels[rows] <= 1)).all():
        raise UserError(f"{what}: expected are values from 0 to 1, {given.shape} of clips and classes")
    return labels


def check_scope(part: object) -> None:
    """Raise a UserError unless the scope of a part is one."""
    if (scope := getattr(part, "scope", None)) not in SCOPES:
        raise UserError(f"{type(part).__name__}.scope is one of {listed(SCOPES)}, not {scope!r}")

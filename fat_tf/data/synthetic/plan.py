"""Which clip holds and claims what: classes, mixtures and label errors, in exact numbers."""

from dataclasses import dataclass

import numpy as np

from fat_tf.data.synthetic.events import EVENTS, OUT_OF_VOCABULARY

VOCABULARY = tuple(sorted(EVENTS))
SPLITS = ("train_curated", "train_noisy", "test")
MIXTURES = 0.25  # share of the clips with two sounds, in every split
WRONG_LABELS = 0.35  # share of the noisy clips; what the three kinds below leave of it is flips
MISSING, OUT, EXTRA = 0.09, 0.09, 0.03


@dataclass(frozen=True)
class Clip:
    """One clip of the plan.

    index: place in the split, from 1. given: labels in the CSV. true: labels of what is heard. heard: sounds
    to synthesise (`true`, or one out of the vocabulary). kind: clean, or how the given labels are wrong:
    flip (one label replaced by another), missing (one of two left out), extra (one too many), oov (a sound
    out of the vocabulary under a label of it).
    """

    split: str
    index: int
    given: tuple[str, ...]
    true: tuple[str, ...]
    heard: tuple[str, ...]
    kind: str

    @property
    def fname(self) -> str:
        """Eight hex digits and .wav. Odd factor, so a bijection modulo 2^32: no two clips share a name."""
        number = SPLITS.index(self.split) * 2**24 + self.index
        return f"{number * 2654435761 % 2**32:08x}.wav"

    @property
    def mixture(self) -> bool:
        """Whether two classes of the vocabulary sound in the clip."""
        return len(self.true) > 1


def clip_rng(seed: int, split: str, index: int) -> np.random.Generator:
    """The clip's own random numbers, whatever was made before it. Index 0 is the split's plan."""
    return np.random.default_rng([seed, 1 + SPLITS.index(split), index])


def plan_split(split: str, count: int, seed: int) -> list[Clip]:
    """The `count` clips of a split, in random order: classes balanced, numbers of each kind exact."""
    rng = clip_rng(seed, split, 0)
    kinds = _kinds(rng, count, _errors(count) if split == "train_noisy" else {})
    mixtures = _mixtures(rng, kinds)
    firsts = _balanced(rng, count)
    return [
        _clip(rng, split, index, kind, first, mixture)
        for index, (kind, first, mixture) in enumerate(zip(kinds, firsts, mixtures, strict=True), start=1)
    ]


def _errors(count: int) -> dict[str, int]:
    """How many of `count` noisy clips are wrong in which way."""
    errors = {"missing": round(MISSING * count), "oov": round(OUT * count), "extra": round(EXTRA * count)}
    return {"flip": round(WRONG_LABELS * count) - sum(errors.values()), **errors}


def _kinds(rng: np.random.Generator, count: int, errors: dict[str, int]) -> np.ndarray:
    """The kind of each clip, shuffled."""
    kinds = np.full(count, "clean", dtype=object)
    wrong = np.repeat(list(errors), list(errors.values()))
    kinds[: len(wrong)] = wrong
    return rng.permutation(kinds)


def _mixtures(rng: np.random.Generator, kinds: np.ndarray) -> np.ndarray:
    """Which clips are mixtures: all with a missing label, none out of the vocabulary, others by lot."""
    mixtures = kinds == "missing"
    free = np.flatnonzero((kinds != "missing") & (kinds != "oov"))
    mixtures[rng.choice(free, round(MIXTURES * len(kinds)) - mixtures.sum(), replace=False)] = True
    return mixtures


def _balanced(rng: np.random.Generator, count: int) -> np.ndarray:
    """Classes for `count` clips, as evenly as can be, shuffled."""
    rounds = -(-count // len(VOCABULARY))
    return np.concatenate([rng.permutation(VOCABULARY) for _ in range(rounds)])[:count]


def _other(rng: np.random.Generator, labels: tuple[str, ...]) -> str:
    """A class that is not among the labels."""
    return str(rng.choice([name for name in VOCABULARY if name not in labels]))


def _clip(rng: np.random.Generator, split: str, index: int, kind: str, first: str, mixture: bool) -> Clip:
    """Fill in one clip's sounds and labels."""
    first = str(first)
    if kind == "oov":
        return Clip(split, index, (first,), (), (str(rng.choice(list(OUT_OF_VOCABULARY))),), kind)
    true = tuple(sorted((first, _other(rng, (first,))))) if mixture else (first,)
    return Clip(split, index, _given(rng, true, kind), true, true, kind)


def _given(rng: np.random.Generator, true: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """The labels that the CSV claims for a clip with these true ones."""
    if kind == "clean":
        return true
    kept = true if kind == "extra" else tuple(rng.permutation(true)[:-1])
    added = () if kind == "missing" else (_other(rng, true),)
    return tuple(sorted(str(name) for name in kept + added))

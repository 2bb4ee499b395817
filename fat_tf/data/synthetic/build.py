"""Writes the built-in data set: audio, tables and audit, whole or not at all."""

import json
from pathlib import Path

import gin
import pandas as pd

from fat_tf.audio.decode import encoded
from fat_tf.data.synthetic.events import EVENTS, OUT_OF_VOCABULARY
from fat_tf.data.synthetic.plan import SPLITS, VOCABULARY, Clip, clip_rng, plan_split
from fat_tf.data.synthetic.recording import CURATED, NOISY, record
from fat_tf.data.synthetic.waves import SAMPLE_RATE
from fat_tf.errors import UserError
from fat_tf.files import read_text, written_whole
from fat_tf.notices import progress_bar

SETTINGS_FILE = "synthetic.json"
VERSION = 1  # of the sounds: to be raised with every change that alters a byte of them


@gin.configurable
def make_synthetic(folder: str | Path, curated: int = 480, noisy: int = 600, test: int = 300, seed: int = 2019) -> Path:
    """Make the built-in data set of synthesised sound events, unless it is there already.

    The folder gets FSDKaggle2019's Kaggle layout (16-bit 44.1 kHz mono WAV with a 44-byte header), and
    besides it `audit.csv` with the truth, for measuring only, and `synthetic.json` with the settings. The
    same settings give the same files. The default sizes take about 10 s and 210 MB. The work is done in a
    hidden folder beside it that gets its name at the end: what has the name is whole.

    Args:
        folder: where to put it; its parents are made.
        curated, noisy, test: clips in each split.
        seed: of every random choice.

    Returns:
        The folder.

    Raises:
        UserError: the folder holds something else, or a split would have no clips.
    """
    folder = Path(folder)
    sizes = dict(zip(SPLITS, (curated, noisy, test), strict=True))
    settings = {"version": VERSION, "seed": seed, **sizes}
    if min(sizes.values()) < 1 or seed < 0:
        raise UserError(f"Synthetic data set: a split without clips, or a negative seed: {settings}")
    if not _is_there(folder, settings):
        _make(folder, settings, [clip for split in SPLITS for clip in plan_split(split, sizes[split], seed)])
    return folder


def _is_there(folder: Path, settings: dict[str, int]) -> bool:
    """Whether the folder holds the set with these settings; UserError where it holds anything else."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    made_with = folder / SETTINGS_FILE
    if not made_with.is_file() or read_text(made_with) != _settings_text(settings):
        raise UserError(
            f"{folder} holds something else than the synthetic data set {settings}: "
            "move it away or choose another folder"
        )
    return True


def _settings_text(settings: dict[str, int]) -> str:
    """What SETTINGS_FILE holds."""
    return json.dumps(settings, indent=1) + "\n"


def _make(folder: Path, settings: dict[str, int], clips: list[Clip]) -> None:
    """Write the whole set under another name, then give it its own; on any failure leave nothing."""
    try:
        with written_whole(folder) as unfinished:
            for split in SPLITS:
                (unfinished / split).mkdir(parents=True)
            progress = progress_bar(clips, desc="Synthesising clips", unit="clip")
            seconds = [_write_clip(unfinished, clip, settings["seed"]) for clip in progress]
            _write_tables(unfinished, clips, seconds)
            (unfinished / SETTINGS_FILE).write_text(_settings_text(settings), "utf-8")
    except UserError:
        # Another process may have finished the same set first: its files are ours, byte for byte.
        if not _is_there(folder, settings):
            raise


def _write_clip(folder: Path, clip: Clip, seed: int) -> float:
    """Synthesise and write one clip; returns its length in seconds."""
    events = [(EVENTS | OUT_OF_VOCABULARY)[name] for name in clip.heard]
    colour = NOISY if clip.split == "train_noisy" else CURATED
    wave = record(clip_rng(seed, clip.split, clip.index), events, colour)
    (folder / clip.split / clip.fname).write_bytes(encoded(wave, SAMPLE_RATE))
    return len(wave) / SAMPLE_RATE


def _write_tables(folder: Path, clips: list[Clip], seconds: list[float]) -> None:
    """Write every CSV of the set; rows are sorted by name, which says nothing about the class."""
    audit = _audit(clips, seconds)
    audit.to_csv(folder / "audit.csv", index=False)
    for split, rows in audit.groupby("split"):
        labels = rows.rename(columns={"given": "labels"})
        labels[["fname", "labels"]].to_csv(folder / f"{split}.csv", index=False)
    submission = audit.loc[audit["split"] == "test", ["fname"]].assign(**dict.fromkeys(VOCABULARY, 0))
    submission.to_csv(folder / "sample_submission.csv", index=False)
    vocabulary = pd.DataFrame({"index": range(len(VOCABULARY)), "label": VOCABULARY})
    vocabulary.to_csv(folder / "vocabulary.csv", index=False)


def _audit(clips: list[Clip], seconds: list[float]) -> pd.DataFrame:
    """One row a clip: what it claims, what it holds, and how the two differ."""
    rows = [
        {
            "split": clip.split,
            "fname": clip.fname,
            "seconds": round(length, 3),
            "given": ",".join(clip.given),
            "true": ",".join(clip.true),
            "kind": clip.kind,
            "mixture": int(clip.mixture),
            "sources": ";".join(clip.heard),
        }
        for clip, length in zip(clips, seconds, strict=True)
    ]
    return pd.DataFrame(rows).sort_values(["split", "fname"], ignore_index=True)

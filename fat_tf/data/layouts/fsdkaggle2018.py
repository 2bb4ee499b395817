"""FSDKaggle2018, as Kaggle and as Zenodo give it; clips that nobody verified are noisy."""

from pathlib import Path

from fat_tf.data.csv_table import read_header, read_table
from fat_tf.data.layouts.layout import Layout, Part, has_sounds

NAME = "FSDKaggle2018"
COLUMNS = ("fname", "label", "manually_verified")


def kaggle(folder: Path) -> Layout | None:
    """train.csv with audio_train/; the clips of sample_submission.csv, in audio_test/, have no labels."""
    train, submission = folder / "train.csv", folder / "sample_submission.csv"
    if not (train.is_file() and set(COLUMNS) <= set(read_header(train, COLUMNS))):
        return None
    parts = _training(train, folder / "audio_train")
    if submission.is_file() and has_sounds(folder / "audio_test"):
        clips = read_table(submission, ["fname"])[["fname"]]
        parts += [Part("test", submission, folder / "audio_test", clips)]
    return Layout(tuple(parts))


def zenodo(folder: Path) -> Layout | None:
    """FSDKaggle2018.meta/ with the tables, FSDKaggle2018.audio_train/ and FSDKaggle2018.audio_test/."""
    meta, audio = folder / f"{NAME}.meta", folder / f"{NAME}.audio_test"
    if not meta.is_dir():
        return None
    parts = _training(meta / "train_post_competition.csv", folder / f"{NAME}.audio_train")
    test = meta / "test_post_competition_scoring_clips.csv"
    if test.is_file() and has_sounds(audio):
        rows = read_table(test, ["fname", "label", "usage"]).rename(columns={"label": "labels"})
        parts += [Part("test", test, audio, rows)]
    return Layout(tuple(parts))


def _training(table: Path, audio: Path) -> list[Part]:
    rows = read_table(table, COLUMNS).rename(columns={"label": "labels"})
    verified = rows["manually_verified"].str.strip() == "1"
    sources = {"curated": rows[verified], "noisy": rows[~verified]}
    return [Part(source, table, audio, clips) for source, clips in sources.items() if len(clips)]

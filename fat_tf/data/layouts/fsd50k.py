"""FSD50K as downloaded."""

import json
from pathlib import Path

import pandas as pd

from fat_tf.data.csv_table import read_table
from fat_tf.data.layouts.layout import Layout, Part, has_sounds
from fat_tf.errors import UserError
from fat_tf.files import read_text
from fat_tf.notices import say

NAME = "FSD50K"


def fsd50k(folder: Path) -> Layout | None:
    """FSD50K.ground_truth/ with dev.csv, eval.csv and vocabulary.csv; FSD50K.dev_audio/ and FSD50K.eval_audio/.

    The column split gives two folds. The uploaders of FSD50K.metadata/, if it is there, are the groups.
    """
    truth = folder / f"{NAME}.ground_truth"
    if not truth.is_dir():
        return None
    dev, evaluation, vocabulary = (truth / f"{name}.csv" for name in ("dev", "eval", "vocabulary"))
    rows = read_table(dev, ["fname", "labels", "split"]).rename(columns={"split": "fold"})
    rows = rows.assign(**_uploaders(folder / f"{NAME}.metadata" / f"dev_clips_info_{NAME}.json", rows["fname"]))
    say(f"{NAME}: its split gives the folds. Fold 1 trains on train and is judged by val, as published: --folds=1")
    parts = [Part("curated", dev, folder / f"{NAME}.dev_audio", rows)]
    audio = folder / f"{NAME}.eval_audio"
    if evaluation.is_file() and has_sounds(audio):
        parts += [Part("test", evaluation, audio, read_table(evaluation, ["fname", "labels"]))]
    return Layout(tuple(parts), vocabulary if vocabulary.is_file() else None)


def _uploaders(file: Path, fnames: pd.Series) -> dict[str, list[str]]:
    """The column group, where the file is there."""
    if not file.is_file():
        return {}
    try:
        clips = json.loads(read_text(file))
        return {"group": [clips.get(fname, {}).get("uploader", "") for fname in fnames]}
    except (ValueError, AttributeError) as error:
        raise UserError(f"{file} is damaged ({error}): unpack {NAME}.metadata.zip again") from error

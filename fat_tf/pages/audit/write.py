"""Writes audit/index.html, with the short sounds beside it."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from fat_tf.data.class_names import split_labels
from fat_tf.errors import UserError
from fat_tf.evaluation.audit_text import KINDS
from fat_tf.evaluation.label_audit import FINE
from fat_tf.evaluation.run_audit import RunAudit
from fat_tf.files import write_text, written_whole
from fat_tf.pages.short_sound import SoundCutter
from fat_tf.pages.template import render
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.file_names import MODEL
from fat_tf.runs.model_file import read_model

FOLDER, SOUNDS = "audit", "sounds"
CLASS_AND_SCORE = re.compile(r"(.*) (\d\.\d+)")
KEYS = (
    ("space", "play or pause"),
    ("k", "the labels are right; next"),
    ("r", "take the suggested labels; next"),
    ("1 2 3", "add the class, or take it away"),
    ("a", "add any class"),
    ("d", "drop the clip; next"),
    ("u", "undo"),
    ("→ ←", "next, previous"),
    ("s", "save labels_fixed.csv"),
    ("Tab", "labels are buttons that remove them"),
    ("?", "these keys"),
)


def write_audit_page(run: str | Path, audit: RunAudit, most: int) -> Path:
    """Write RUN/audit/index.html, where one listens to what the models doubt; it needs no network.

    Sounds that an earlier call has cut are taken as they are.

    Args:
        run: the run whose models give the front end.
        audit: of `audit_run`.
        most: clips on the page, the most doubtful first.

    Returns:
        The page.

    Raises:
        UserError: a model that cannot be read; a file that cannot be written.
    """
    folder = Path(run) / FOLDER
    rows = audit.table[(audit.table["doubt"] != FINE) | (audit.table["duplicate_of"] != "")].head(most)
    first = RunDirectory(run).scored_folds()[0]
    cutter = SoundCutter(read_model(Path(run) / f"fold_{first}" / MODEL).front_end)
    clips = list(_clips(rows, cutter, folder))
    name = Path(run).resolve().name
    all_clips = sorted(audit.table["source"] + "/" + audit.table["fname"])
    key = _key(name, *audit.vocabulary, *all_clips)  # all pages on the disk share what the browser keeps
    told = {"classes": audit.vocabulary, "doubts": KINDS, "clips": clips, "key": key}
    write_text(folder / "index.html", render("audit.html", run=name, audit=told, keys=KEYS))
    return folder / "index.html"


def _clips(rows: pd.DataFrame, cutter: SoundCutter, folder: Path) -> Iterator[dict[str, object]]:
    """What the page knows of each clip."""
    bar = tqdm(rows.to_dict("records"), "Cutting sounds", unit="clip", leave=False, delay=2, disable=None)
    labels, suggested = (split_labels(rows[column]) for column in ("labels", "suggested"))
    for row, given, heard in zip(bar, labels, suggested, strict=True):
        yield {
            "id": f"{row['source']}/{row['fname']}",
            **{name: row[name] for name in ("rank", "fname", "source", "doubt")},
            "labels": given,
            "suggested": heard,
            "top": [(found[1], float(found[2])) for found in map(CLASS_AND_SCORE.fullmatch, row["top"].split(", "))],
            "why": _why(row),
            **_sound(cutter, row, folder),
        }


def _why(row: dict[str, object]) -> str:
    suggested = f"; suggested: {row['suggested'] or 'none of the classes'}" if row["doubt"] != FINE else ""
    same = f"; sounds like {row['duplicate_of']}, which has other labels" if row["duplicate_of"] else ""
    of = KINDS.get(row["doubt"], "another label of the same sound")
    return f"{row['source']}: {of}{suggested}; doubted by {row['agreement']} models{same}"


def _sound(cutter: SoundCutter, row: dict[str, object], folder: Path) -> dict[str, str | None]:
    """Where the page finds the sound and its picture, without their endings; or why it finds none."""
    name = f"{SOUNDS}/{_key(row['source'], row['fname'], str(row['start']))}"
    files = {ending: folder / f"{name}.{ending}" for ending in ("mp3", "png")}
    if not all(file.is_file() for file in files.values()):
        try:
            cut = cutter.cut(row["path"], row["start"])
        except UserError as error:
            return {"sound": None, "without": error.message}
        for ending, file in files.items():
            with written_whole(file) as unfinished:
                unfinished.write_bytes(getattr(cut, ending))
    return {"sound": name, "without": None}


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]

"""What an audit found, in lines for people."""

from collections.abc import Sequence
from pathlib import Path

from fat_tf.errors import counted
from fat_tf.evaluation.label_audit import FINE, MISSING, NONE, WRONG
from fat_tf.evaluation.run_audit import RunAudit
from fat_tf.program import command_line
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.run_labels import corrections_of
from fat_tf.runs.run_tables import read_run_tables

SHOWN = 5  # clips
KINDS = {
    WRONG: "a label that is not heard",
    MISSING: "a class that is heard and not given",
    NONE: "none of the classes",
}


def audit_lines(audit: RunAudit) -> list[str]:
    """Who judged what, how many clips are doubted and why, and the first ones."""
    table = audit.table
    lines = [
        f"{(table['source'] == source).sum()} {source} clips, judged by {by}" for source, by in audit.judged_by.items()
    ]
    counts = table["doubt"].value_counts()
    doubted = len(table) - counts.get(FINE, 0)
    found = [f"{counts[kind]} {words}" for kind, words in KINDS.items() if kind in counts]
    lines.append(f"{counted(doubted, 'clip')} of {len(table)} doubted: {'; '.join(found) or 'none'}")
    if same := int((table["duplicate_of"] != "").sum()):
        lines.append(f"{counted(same, 'clip')} sound the same as another one with other labels")
    lines += ["Most doubtful:"] * bool(doubted)
    lines += [_line(clip) for clip in table[table["doubt"] != FINE].head(SHOWN).itertuples()]
    return lines


def lines_to_go_on(run: str | Path, data_dir: str | None, moved_to: Sequence[str] = ()) -> list[str]:
    """Commands that train again on corrected labels with the same folds, and compare.

    Args:
        run: that was audited.
        data_dir: of its data; None for the built-in set.
        moved_to: bindings that find its sounds where they were moved to.
    """
    manifest = read_manifest(Path(run))
    params = [param for param in manifest.gin_params if not param.startswith("read_dataset.corrections")]
    before = [file] if (file := corrections_of(run)) else []
    flags = {
        "gin_file": manifest.gin_files,
        "gin_param": [*params, *moved_to],
        "data_dir": [data_dir] if data_dir else [],
        "corrections": [*before, "labels_fixed.csv"],
        "folds_from": [run],
        "folds": _some_folds(Path(run)),
        "run_dir": [corrected := f"{Path(run)}-corrected"],
    }
    return [
        command_line("train", *(f"--{name}={value}" for name, values in flags.items() for value in values)),
        command_line("runs", run, corrected),
    ]


def _some_folds(run: Path) -> list[str]:
    """The folds that a run has as a flag's value; nothing where these are all."""
    tables = read_run_tables(run, read_manifest(run))
    done, there = RunDirectory(run).scored_folds(), tables.folds["fold"].nunique()
    return [",".join(map(str, done))] if len(done) < there else []


def _line(clip) -> str:
    suggested = clip.suggested or "none of the classes"
    return f"  {clip.fname}: {clip.labels or 'background'} → {suggested} ({clip.agreement} models doubt it)"

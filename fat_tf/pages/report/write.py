"""Writes report.html."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fat_tf.errors import UserError
from fat_tf.files import write_text
from fat_tf.notices import progress_bar, warn
from fat_tf.pages.chart import Chart
from fat_tf.pages.clip_files import ClipFiles
from fat_tf.pages.report.calibration import bins, calibration_chart, expected_error
from fat_tf.pages.report.class_rows import ClassRow, class_rows
from fat_tf.pages.report.clip_table import describe_files, formats, length_chart, same_sounds, source_rows
from fat_tf.pages.report.clips import ClipList, ShownClip, clip_lists
from fat_tf.pages.report.curves import curves
from fat_tf.pages.report.headline import NAMES, Figure, figures
from fat_tf.pages.report.heat_map import confusion_chart
from fat_tf.pages.report.made_of import recipe_difference, surroundings
from fat_tf.pages.report.run_view import JudgedClips, RunView, read_run
from fat_tf.pages.short_sound import SoundCutter
from fat_tf.pages.template import render
from fat_tf.runs.file_names import METRICS, MODEL
from fat_tf.runs.found import find_runs
from fat_tf.runs.model_file import read_model
from fat_tf.runs.own_parts import load_parts

REPORT = "report.html"
NONE, SOME, ALL = SOUNDS = ("none", "some", "all")
MOST_BYTES = 14_000_000  # of sounds and pictures: a third more as text, and the page stays below 20 MB

Playable = dict[tuple[str, str], dict[str, str] | str]  # by source and fname: mp3 and png as base64, or why not


@dataclass(frozen=True)
class Part:
    """What a page shows of the clips out of fold, or of the test clips."""

    name: str
    judged: JudgedClips
    figures: list[Figure]
    classes: list[ClassRow]
    confusions: Chart | None
    calibration: Chart
    calibration_error: float
    lists: list[ClipList]


def write_report(
    run: str | Path,
    sounds: str = SOME,
    audio: str | Path | None = None,
    against: str | Path | None = None,
) -> Path:
    """Write report.html into a run's folder: one file that needs no network.

    Args:
        run: a finished run.
        sounds: "some": those of the listed clips, up to 20 MB in all; "none"; "all": every clip that is not perfect
            is listed, with its sound.
        audio: folder to look for sounds in that were moved.
        against: another run, to compare with.

    Returns:
        The file.

    Raises:
        UserError: no finished run, damaged files, another run of other clips; it cannot be written.
    """
    view = read_run(Path(run))
    files = ClipFiles(view.folder, audio)
    parts = [_part(view, judged, against and Path(against), sounds == ALL) for judged in view.judged]
    shown = [clip for part in parts for found in part.lists for clip in found.clips]
    playable = {} if sounds == NONE else _cut(view, files, shown, float("inf") if sounds == ALL else MOST_BYTES)
    found = describe_files(view, files)
    page = render(
        "report.html",
        run=view,
        parts=parts,
        playable=playable,
        curves=curves(view.histories),
        sources=source_rows(view),
        lengths=length_chart(found) if found else None,
        formats=formats(found),
        same_sounds=same_sounds(view.folder).to_dict("records"),
        recipe=recipe_difference(view.folder),
        surroundings=list(surroundings(view)),
    )
    write_text(view.folder / REPORT, page)
    return view.folder / REPORT


def write_new_reports(folder: str | Path) -> None:
    """Write the report of a run, or of each run of an ensemble, unless there is one since its last results.

    What stands against it is said in a line: a run is no less finished without it.
    """
    for run in find_runs(folder):
        if (run / METRICS).is_file() and not _is_newer(run / REPORT, run / METRICS):
            try:
                print(f"Wrote {write_report(run)}: open it in a browser", flush=True)
            except UserError as error:
                warn(f"no report of {run}: {error.message}")


def _is_newer(file: Path, other: Path) -> bool:
    return file.is_file() and file.stat().st_mtime >= other.stat().st_mtime


def _part(run: RunView, judged: JudgedClips, against: Path | None, everything: bool) -> Part:
    rows = bins(judged.truth.targets, judged.table.scores)
    return Part(
        NAMES[judged.source],
        judged,
        figures(run, judged, against),
        class_rows(judged),
        confusion_chart(judged.report),
        calibration_chart(rows),
        expected_error(rows),
        clip_lists(judged, everything),
    )


def _cut(run: RunView, files: ClipFiles, clips: Iterable[ShownClip], most_bytes: float) -> Playable:
    """Sounds and pictures of the clips in their order, while there is room."""
    by_clip = {(clip.source, clip.fname): clip for clip in clips}
    try:
        load_parts(run.folder)
        cutter = SoundCutter(read_model(run.folder / f"fold_{run.facts.networks[0]}" / MODEL).front_end)
    except UserError as error:  # all else can be seen without its front end
        return dict.fromkeys(by_clip, error.message)
    playable: Playable = {}
    for key, clip in progress_bar(by_clip.items(), "Cutting sounds", unit="clip", leave=False, delay=2):
        playable[key] = _sound(cutter, files, clip) if most_bytes > 0 else "left out: the page would be too large"
        most_bytes -= sum(map(len, playable[key].values())) * 3 / 4 if isinstance(playable[key], dict) else 0
    return playable


def _sound(cutter: SoundCutter, files: ClipFiles, clip: ShownClip) -> dict[str, str] | str:
    if not (path := files.find(clip.source, clip.fname)):
        return "its file is not where it was: name its folder with --audio"
    try:
        cut = cutter.cut(path, clip.start)
    except UserError as error:
        return error.message
    return {"mp3": base64.b64encode(cut.mp3).decode(), "png": base64.b64encode(cut.png).decode()}

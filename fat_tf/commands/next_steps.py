"""What to do with a run once it is trained: commands that work as they are printed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fat_tf.pages.clip_files import ClipFiles
from fat_tf.program import command_line, module_line
from fat_tf.runs.manifest import read_manifest
from fat_tf.runs.run_tables import read_run_tables


def next_steps(run_dir: str) -> str:
    """A line a command: to judge a run, look at it, use it, and put it beside others."""
    run = Path(run_dir)
    given = f"--run_dir={run}"
    return _lines({
        "look and listen": command_line("report", run),
        "curves": module_line("tensorboard", "tensorboard.main", f"--logdir={run}"),
        "doubtful labels": command_line("audit", run),
        "tags of a sound": command_line("predict", given, *_sound(run)),
        "for other programs": command_line("export", given, f"--output={run / 'tagger'}"),
        "beside other runs": command_line("runs", run.parent),
    })  # fmt: skip


def next_steps_of_ensemble(run_dir: str) -> str:
    """The same for runs below one folder."""
    return _lines({"side by side": command_line("runs", run_dir)})


def next_steps_of_sweep(
    best: Path, gin_files: Sequence[str], gin_params: Sequence[str], places: Mapping[str, str | None]
) -> str:
    """The same for trials: all folds with the values of the best, and the trials side by side.

    Args:
        best: configuration of the best one, in the folder of the sweep.
        gin_files, gin_params: of the trials, without what was drawn.
        places: data and cache, as flags name them, where they were given.
    """
    files = [f"--gin_file={file}" for file in (*gin_files, best)]
    params = [f"--gin_param={param}" for param in gin_params]
    given = [f"--{name}={place}" for name, place in places.items() if place]
    return _lines({
        "all folds": command_line("train", *files, *params, *given),
        "trials": command_line("runs", best.parent),
        "HParams": module_line("tensorboard", "tensorboard.main", f"--logdir={best.parent}"),
    })  # fmt: skip


def _lines(steps: dict[str, str]) -> str:
    width = max(map(len, steps))
    return "\n".join(["", "Next:", *(f"  {does:<{width}}  {command}" for does, command in steps.items())])


def _sound(run: Path) -> list[str]:
    """A clip that the run was not trained on, or else one that it was, whose name can be typed."""
    clips = read_run_tables(run, read_manifest(run)).clips
    files = ClipFiles(run)
    of_source = [clips[clips["source"] == source] for source in ("test", "curated")]
    found = (files.find(*clip) for some in of_source for clip in zip(some["source"], some["fname"], strict=True))
    return [next((path for path in found if path and path.isprintable()), "SOUND")]

"""Which run was finished last."""

from pathlib import Path

from fat_tf.config import OWN_PARTS
from fat_tf.errors import UserError
from fat_tf.runs.file_names import METRICS


def newest_run(folder: str | Path) -> Path:
    """The run below a folder that was finished last.

    Raises:
        UserError: there is none, or it has own parts: nothing is imported from a run that nobody named.
    """
    finished = list(Path(folder).glob(f"*/{METRICS}"))
    if not finished:
        raise UserError(f"{folder}/ has no finished run: train one, or name one with --run_dir")
    run = max(finished, key=lambda file: file.stat().st_mtime).parent
    if (run / OWN_PARTS).is_dir():
        raise UserError(f"{run}, the newest run, has own parts, whose code would be run: name it with --run_dir={run}")
    return run

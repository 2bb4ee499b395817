"""The sounds of the clips that judge runs, wherever they lie now."""

from fat_tf.errors import UserError, listed
from fat_tf.evaluation.candidates import Candidates
from fat_tf.inference.clip_list import Clip
from fat_tf.pages.clip_files import ClipFiles


def find_sounds(judged: Candidates, audio: str | None = None) -> list[Clip]:
    """The sound of each clip, in the order that is judged.

    Args:
        judged: of `find_candidates`.
        audio: folder where the sounds are now, if they were moved.

    Raises:
        UserError: some are not there.
    """
    files, fnames = ClipFiles(judged.folds[0].run, audio), judged.truth.fnames
    paths = [files.find(judged.source, fname) for fname in fnames]
    if lacking := [fname for fname, path in zip(fnames, paths, strict=True) if not path]:
        remedy = "--audio names the folder where they are now"
        raise UserError(f"{len(lacking)} of {len(paths)} sounds are not found: {listed(lacking, 3)}. {remedy}")
    return [Clip(fname, path) for fname, path in zip(fnames, paths, strict=True)]

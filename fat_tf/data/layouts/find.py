"""Which layout a data set has."""

from collections.abc import Callable
from pathlib import Path

from fat_tf.data.layouts import esc50, fsd50k, fsdkaggle2018, fsdkaggle2019, urbansound8k
from fat_tf.data.layouts.class_folders import class_folders
from fat_tf.data.layouts.layout import Layout
from fat_tf.data.layouts.one_table import one_table, only_table
from fat_tf.errors import UserError
from fat_tf.parts import blamed, made, name_of

KNOWN = (
    fsdkaggle2019.kaggle,
    fsdkaggle2019.zenodo,
    fsdkaggle2018.kaggle,
    fsdkaggle2018.zenodo,
    esc50.esc50,
    urbansound8k.urbansound8k,
    fsd50k.fsd50k,
    only_table,
    class_folders,
)


def find_layout(data_dir: Path, own: Callable[[Path], Layout] | None = None) -> Layout:
    """Recognise the layout of a folder (or of a CSV file with its sounds beside it).

    Args:
        data_dir: the folder, or the CSV.
        own: tells the layout of a folder instead.

    Raises:
        UserError: nothing there, neither tables nor class folders, or several tables; whatever `own` raises.
    """
    if not data_dir.exists():
        raise UserError(f"Data folder {data_dir} does not exist: give the folder of your sounds with --data_dir")
    if own:
        return _by(own, data_dir)
    if data_dir.is_file():
        return one_table(data_dir)
    found = (layout for known in KNOWN if (layout := known(data_dir)))
    return next(found, None) or _nothing(data_dir)


def _by(own: Callable[[Path], Layout], data_dir: Path) -> Layout:
    what = f"The layout {name_of(own)}"
    with blamed(what):
        layout = made(own)(data_dir)
    if not isinstance(layout, Layout) or not {part.source for part in layout.parts} <= {"curated", "noisy", "test"}:
        raise UserError(f"{what} gives {layout!r}: expected is a fat_tf.data.Layout of curated, noisy and test Parts")
    return layout


def _nothing(folder: Path) -> Layout:
    raise UserError(
        f"{folder} needs a CSV with the columns fname,labels, or a folder of sounds for each class; it has no CSV "
        "and no such folders"
    )

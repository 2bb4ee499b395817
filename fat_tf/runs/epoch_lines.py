"""An epoch as a line, at most 100 columns wide; in a narrow terminal with fewer figures."""

from collections.abc import Mapping

from fat_tf.terminal import clock

WIDTHS = {
    "epoch": 11,
    "lr": 8,
    "loss": 8,
    "val_loss": 9,
    "lwlrap": 7,
    "val_lwlrap": 11,
    "clips/s": 8,
    "fold left": 10,
    "run left": 10,
}
BY_WEIGHT = ("epoch", "val_lwlrap", "run left", "lwlrap", "val_loss", "loss", "clips/s", "fold left", "lr")
LONGEST = 24  # characters of a stage's name that are shown


def shown_columns(width: int) -> list[str]:
    """Names of the columns that so wide a line has room for."""
    kept, taken = set(), -1
    for name in BY_WEIGHT:
        taken += 1 + WIDTHS[name]
        if taken > width:
            break
        kept.add(name)
    return [name for name in WIDTHS if name in kept]


def heading(fold: int, stage: str, width: int) -> str:
    """Two lines above those of a stage's epochs."""
    names = " ".join(f"{name:>{WIDTHS[name]}}" for name in shown_columns(width))
    return f"Fold {fold}, stage {_shortened(stage)} (* best{' val_lwlrap so far' if width > 65 else ''})\n{names}"


def epoch_line(
    row: Mapping[str, object], epochs: int | None, best: bool, left: tuple[float | None, float | None], width: int
) -> str:
    """The line of an epoch.

    Args:
        row: of history.csv.
        epochs: of its stage, at most; None if that is not known.
        best: whether it is the best one so far.
        left: seconds left of its fold and of the run, or None.
        width: columns of a line.
    """
    of_fold, of_run = ("" if seconds is None else clock(seconds) for seconds in left)
    cells = {
        "epoch": f"{row['epoch']}/{epochs}" if epochs else str(row["epoch"]),
        "lr": f"{float(row['lr']):.1e}",
        "loss": _loss(row["loss"]),
        "val_loss": _loss(row["val_loss"]),
        "lwlrap": f"{float(row['lwlrap']):.3f}",
        "val_lwlrap": f"{float(row['val_lwlrap']):.3f}{'*' if best else ' '}",
        "clips/s": f"{float(row['clips_per_second']):.1f}",
        **{"fold left": of_fold, "run left": of_run},
    }
    return " ".join(f"{cells[name]:>{WIDTHS[name]}}" for name in shown_columns(width)).rstrip()


def _loss(number: object) -> str:
    """In at most 8 characters."""
    return f"{float(number):.3f}" if abs(float(number)) < 1000 else f"{float(number):.1e}"


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"

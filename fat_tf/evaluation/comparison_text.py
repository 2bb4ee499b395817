"""Two runs side by side, in words and tables."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fat_tf.errors import counted
from fat_tf.evaluation.run_comparison import CORRECTED, GIVEN, Gain, Pairing
from fat_tf.evaluation.text import verdict
from fat_tf.metrics import with_interval
from fat_tf.runs.score_table import OUT_OF_FOLD, TEST
from fat_tf.terminal import Column, fitting, printable, table, wrapped

PARTS = {OUT_OF_FOLD: "out of fold", TEST: "test clips"}
LABELS = {"": "", GIVEN: ", by the labels of A", CORRECTED: ", by the labels of B"}
SHORT = {"": "", GIVEN: " (A)", CORRECTED: " (B)"}
SHOWN = 8  # differences of a kind
EVEN = 5e-4  # lwlrap that is no difference in three digits


def pairing_lines(pairings: Sequence[Pairing], seeds: int, width: int) -> list[str]:
    """How much better the second run, B, is than the first one, A, and in which classes.

    Args:
        pairings: of these runs.
        seeds: pairs that each gain is the mean of.
        width: columns of a line.
    """
    interval = f"interval over clips and seeds], mean of {seeds} seeds" if seeds > 1 else "interval]"
    legend = "; (A) by the labels of A, (B) by those of B" if any(pairing.changed for pairing in pairings) else ""
    blocks = [
        wrapped(f"lwlrap, paired clip by clip [95 % {interval}{legend}", width, "  ") + _gains(pairings, width),
        [line for verdict_ in _verdicts(pairings) for line in wrapped(verdict_, width, "  ")],
        list(_notes(pairings, width)),
        *(_classes(pairing, width) for pairing in _judged_last(pairings)),
    ]
    return [line for block in blocks if block for line in ["", *block]][1:]


def difference_lines(first: Path, second: Path, differences: Mapping[str, Sequence[str]], width: int) -> Iterator[str]:
    """Two runs, A and B, and what differs between them (of `run_differences`)."""
    yield from (f"A  {printable(first)}", f"B  {printable(second)}", "")
    yield "What differs, A → B" if differences else "Nothing differs in recipe, data, folds and environment"
    for kind, changes in differences.items():
        more = [f"and {len(changes) - SHOWN} more"] if len(changes) > SHOWN else []
        for number, change in enumerate([*changes[:SHOWN], *more]):
            yield from wrapped(f"{kind if number == 0 else '':<11} {printable(change)}".rstrip(), width, " " * 12)
    if "Folds" in differences:
        yield from wrapped(f"{'':<11} Clips in other folds pair less closely: --folds_from={printable(first)} keeps "
                           "them when B is trained", width, " " * 12)  # fmt: skip


def _gains(pairings: Sequence[Pairing], width: int) -> list[str]:
    rows = [
        (f"  {gain.what}" if gain.what else f"{PARTS[pairing.part]}{SHORT[pairing.labels]}", gain)
        for pairing in pairings
        for gain in pairing.gains
    ]
    return _table("", rows, width)


def _table(name: str, rows: Sequence[tuple[str, Gain]], width: int) -> list[str]:
    gains = [gain for _, gain in rows]
    grouped = any(gain.groups < gain.clips for gain in gains)
    return table(fitting([
        Column(name, [what for what, _ in rows]),
        Column("B minus A", [with_interval(gain.gain, gain.ci95) for gain in gains], right=True),
        Column("A", [f"{gain.first:.3f}" for gain in gains], right=True),
        Column("B", [f"{gain.second:.3f}" for gain in gains], right=True),
        Column("clips", [str(gain.clips) for gain in gains], right=True),
        *([Column("groups", [str(gain.groups) for gain in gains], right=True)] * grouped),
    ], width))  # fmt: skip


def _judged_last(pairings: Sequence[Pairing]) -> list[Pairing]:
    """Of each part the one by the newest labels."""
    return list({pairing.part: pairing for pairing in pairings}.values())


def _verdicts(pairings: Sequence[Pairing]) -> Iterator[str]:
    for pairing in _judged_last(pairings):
        where = f"{PARTS[pairing.part].capitalize()}{LABELS[pairing.labels]}"
        yield f"{where}: {verdict('A', 'B', pairing.gains[0].gain, pairing.gains[0].ci95)}"


def _notes(pairings: Sequence[Pairing], width: int) -> Iterator[str]:
    for pairing in _judged_last(pairings):
        told = {"with other labels in B": pairing.changed, "left out, as not both scored them": pairing.left_out}
        for what, number in told.items():
            if number:
                yield from wrapped(f"{PARTS[pairing.part]}: {counted(number, 'clip')} {what}", width, "  ")


def _classes(pairing: Pairing, width: int) -> list[str]:
    """Classes whose lwlrap differs, by their gain."""
    moved = [(printable(of_class.what), of_class) for of_class in pairing.per_class if abs(of_class.gain) >= EVEN]
    same = len(pairing.per_class) - len(moved)
    heading = wrapped(f"Classes by gain, {PARTS[pairing.part]}{LABELS[pairing.labels]}", width, "  ")
    lines = _table("class", moved, width) if moved else []
    return [*heading, *lines, *([f"({same} even)"] if same else [])]

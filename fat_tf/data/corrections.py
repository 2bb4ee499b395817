"""Labels corrected by ear: a CSV that gives some clips other labels, and drops others."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from fat_tf.config.messages import did_you_mean
from fat_tf.data.class_names import split_labels
from fat_tf.data.csv_table import read_table
from fat_tf.errors import UserError, counted, listed

DROP = "drop"
ACTIONS = ("", "keep", "fix", DROP)  # the page of an audit tells what was listened to; only dropping differs


def apply_all(
    clips: pd.DataFrame, vocabulary: tuple[str, ...], files: Sequence[str | Path]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correct labels by several files, one after the other; arguments and errors as in `apply_corrections`.

    Returns:
        (clips as corrected, corrections): of a clip that several files correct, what was given first and the last one.
    """
    made = []
    for file in files:
        clips, of_file = apply_corrections(clips, vocabulary, file)
        made.append(of_file)
    together = pd.concat(made, ignore_index=True)
    together["given"] = together.groupby(["source", "fname"])["given"].transform("first")
    return clips, together.drop_duplicates(["source", "fname"], keep="last", ignore_index=True)


def apply_corrections(
    clips: pd.DataFrame, vocabulary: tuple[str, ...], file: str | Path
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Correct the labels of clips.

    Args:
        clips: fname, source and labels (tuples) of a data set.
        vocabulary: classes; corrections bring no new ones.
        file: CSV with fname and labels (none: the clip is background), and perhaps source, where a name is not enough,
            and action: "drop" leaves the clip out, whatever its labels.

    Returns:
        (clips as corrected, corrections): of these a row each, with the texts fname, source, labels, action and given.

    Raises:
        UserError: a clip or a class that is not there, two corrections of a clip, another action.
    """
    rows = read_table(file, ["fname", "labels"])
    source, action = (rows.get(name, pd.Series("", rows.index)).str.strip() for name in ("source", "action"))
    _check_actions(action, file)
    labels = split_labels(rows["labels"])
    _check_classes(labels, rows.index, vocabulary, file)
    places = _places(clips, rows["fname"], source, file)
    given = clips["labels"].iloc[places]
    cells = [",".join(of_clip) for of_clip in labels]
    corrections = clips.iloc[places][["fname", "source"]].assign(labels=cells, action=list(action))
    corrected = clips.copy()
    corrected["labels"] = corrected["labels"].astype(object)
    for place, of_clip in zip(places, labels, strict=True):
        corrected.iat[place, corrected.columns.get_loc("labels")] = of_clip
    dropped = corrected.index[places][(action == DROP).to_numpy()]
    return corrected.drop(index=dropped), corrections.assign(given=given.map(",".join)).reset_index(drop=True)


def _check_actions(action: pd.Series, file: str | Path) -> None:
    if len(other := action[~action.isin(ACTIONS)]):
        places = listed(f"{name!r} in line {line}" for line, name in other.items())
        raise UserError(f"{file}: the column action is empty, keep, fix or drop, not {places}")


def _check_classes(labels: list[tuple[str, ...]], lines: pd.Index, vocabulary: tuple[str, ...], file: str | Path):
    known = set(vocabulary)
    for line, of_clip in zip(lines, labels, strict=True):
        for label in of_clip:
            if label not in known:
                hint = did_you_mean(label, vocabulary) or f". There are: {listed(vocabulary)}"
                raise UserError(f"{file} line {line}: the data set has no class {label}{hint}")


def _places(clips: pd.DataFrame, fnames: pd.Series, sources: pd.Series, file: str | Path) -> list[int]:
    """Row of the clip that each line is about."""
    rows_of = defaultdict(list)
    for row, (fname, source) in enumerate(zip(clips["fname"], clips["source"], strict=True)):
        rows_of[fname].append((source, row))
    seen: dict[int, int] = {}
    for line, fname, source in zip(fnames.index, fnames, sources, strict=True):
        found = [(of, row) for of, row in rows_of.get(fname, []) if source in ("", of)]
        if len(found) != 1:
            raise UserError(f"{file} line {line}: {_which(fname, source, found)}")
        row = found[0][1]
        if row in seen:
            raise UserError(f"{file} corrects {fname} twice, in lines {seen[row]} and {line}: keep one of them")
        seen[row] = line
    return list(seen)


def _which(fname: str, source: str, found: list[tuple[str, int]]) -> str:
    if found:
        sources = " and ".join(of for of, _ in found)
        return f"{fname} is the name of {sources} clips: say which in a column source"
    return f"the data set has no {f'{source} ' if source else ''}clip {fname}. Take the line out"


def corrections_in_words(corrections: pd.DataFrame) -> str:
    """How many clips a run's corrections change, and which classes gain and lose how many."""
    before = [frozenset(cell.split(",")) - {""} for cell in corrections["given"]]
    after = [frozenset(cell.split(",")) - {""} for cell in corrections["labels"]]
    dropped = (corrections["action"] == DROP).tolist()
    after = [frozenset() if drop else labels for labels, drop in zip(after, dropped, strict=True)]
    changed = [a != b and not drop for a, b, drop in zip(before, after, dropped, strict=True)]
    of_source = Counter(corrections["source"][changed])
    gained = Counter(label for a, b in zip(before, after, strict=True) for label in b - a)
    lost = Counter(label for a, b in zip(before, after, strict=True) for label in a - b)
    classes = [f"{name} +{gained[name]} −{lost[name]}" for name in sorted({*gained, *lost})]
    found = f"{counted(sum(changed), 'clip')} with other labels, {sum(dropped)} dropped"
    if len(of_source) > 1:
        found += f" ({', '.join(f'{number} {source}' for source, number in of_source.items())})"
    return f"{found}: {listed(classes) or 'no class changes'}"

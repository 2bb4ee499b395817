"""Classes, clips and folds of a run: what differs from them, and that names which look like nothing are names."""

import pandas as pd
import pytest
from fake_runs import manifest

from fat_tf.errors import UserError
from fat_tf.runs.run_tables import in_their_order, read_run_tables, run_tables, table_changes

CLASSES = ("1", "NA", "None")
CLIPS = [("NA", "curated", ("1",)), ("b.wav", "curated", ("NA", "1")), ("c.wav", "curated", ("None",)),
         ("t.wav", "test", ("NA",)), ("n.wav", "noisy", ("1",))]  # fmt: skip


def clips(rows=CLIPS, fold=None) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["fname", "source", "labels"]).assign(fold=fold, path="x.wav")


def tables(rows=CLIPS, folds=(0, 1, 0), classes=CLASSES):
    return run_tables(classes, clips(rows), pd.Series(folds))


def without(fname: str) -> list:
    return [row for row in CLIPS if row[0] != fname]


def with_labels(fname: str, *labels: str) -> list:
    return [(name, source, labels if name == fname else theirs) for name, source, theirs in CLIPS]


def write(run, written) -> None:
    for name, text in written.texts.items():
        (run / name).write_text(text)


def test_names_that_look_like_missing_values_come_back(tmp_path):
    write(tmp_path, tables())
    back = read_run_tables(tmp_path, manifest(files=tables().checksums))
    assert back.texts == tables().texts and back.vocabulary == CLASSES and table_changes(back, tables()) == []
    assert list(back.folds["fname"]) == ["NA", "b.wav", "c.wav"]


@pytest.mark.parametrize("name", ["labels.csv", "clips.csv", "folds.csv"])
def test_a_table_that_was_changed_is_refused(tmp_path, name):
    write(tmp_path, tables())
    (tmp_path / name).write_text((tmp_path / name).read_text() + "x,y,z\n")
    with pytest.raises(UserError, match=f"{name} was changed after the run was begun: put it back"):
        read_run_tables(tmp_path, manifest(files=tables().checksums))


@pytest.mark.parametrize(
    "now, says",
    [
        (tables(with_labels("NA", "None")), ["1 of 3 clips have other labels: NA 1 → None"]),
        (tables(with_labels("n.wav", "NA")), ["1 of 1 noisy clips have other labels: n.wav 1 → NA"]),
        (tables(with_labels("b.wav", "1", "NA")), []),
        (tables(with_labels("t.wav", "1")), []),
        (tables(without("c.wav"), (0, 1)), ["1 of 3 curated clips are gone: c.wav"]),
        (tables(without("t.wav")), ["1 of 1 test clips are gone: t.wav"]),
        (tables(without("n.wav")), []),
        (tables([*CLIPS, ("u.wav", "test", ())]), ["1 test clips are new: u.wav"]),
        (tables(classes=("NA", "1", "None")), ["another order of classes: place 0 has 1 → NA"]),
        (tables(classes=(*CLASSES, "Bark")), ["new classes: Bark"]),
        (tables(folds=(0, 1, 1)), ["1 of 3 clips are in another fold: c.wav 0 → 1"]),
    ],
)
def test_each_difference_is_named(now, says):
    assert table_changes(tables(), now) == says


def test_clips_take_the_order_of_the_run_and_new_ones_come_last():
    shuffled = clips([CLIPS[4], ("x.wav", "curated", ("1",)), CLIPS[2], CLIPS[1], CLIPS[3], CLIPS[0]])
    assert list(in_their_order(shuffled, tables())["fname"]) == ["NA", "b.wav", "c.wav", "t.wav", "n.wav", "x.wav"]


def test_given_folds_are_kept():
    table = run_tables(CLASSES, clips(CLIPS[:2], ["x", "y"]), pd.Series([0, 1])).folds
    assert table.to_dict("list") == {"fname": ["NA", "b.wav"], "fold": ["0", "1"], "given": ["x", "y"]}


def grouped(**groups: str):
    names = {row[0]: "" for row in CLIPS} | groups
    table = clips().assign(group=[names[row[0]] for row in CLIPS])
    return run_tables(CLASSES, table, pd.Series([0, 1, 0]))


def test_groups_are_kept_and_other_ones_are_named(tmp_path):
    before = grouped(NA="7", **{"n.wav": "7"})
    write(tmp_path, before)
    back = read_run_tables(tmp_path, manifest(files=before.checksums))
    assert list(back.clips["group"]) == ["7", "", "", "", "7"] and table_changes(back, before) == []
    assert table_changes(before, grouped(NA="8", **{"n.wav": "7", "t.wav": "7"})) == [
        "1 of 4 clips are of another group: NA 7 → 8"
    ]
    assert table_changes(before, tables()) == ["2 of 4 clips are of another group: NA 7 → none, n.wav 7 → none"]
    assert "group" not in tables().clips

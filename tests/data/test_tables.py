"""read_dataset: the layouts as they are in the wild, and a clear message for everything that is wrong."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile as sf

from fat_tf.data import Layout, Part, read_dataset
from fat_tf.errors import UserError

GOOD = 'fname,labels\na.wav,Dog\nb.wav,"Cat,Dog"\nc.wav,Cat\nd.wav,Dog\n'


def sound(file):
    file.parent.mkdir(parents=True, exist_ok=True)
    sf.write(file, np.zeros(100), 44100)


def test_a_folder_with_a_csv(write_clips):
    dataset = read_dataset(write_clips(GOOD))
    assert dataset.vocabulary == ("Cat", "Dog")
    assert list(dataset.clips["labels"]) == [("Dog",), ("Cat", "Dog"), ("Cat",), ("Dog",)]
    assert set(dataset.clips["source"]) == {"curated"} and set(dataset.clips["split"]) == {"train"}
    np.testing.assert_array_equal(dataset.targets(dataset.clips), [[0, 1], [1, 1], [1, 0], [0, 1]])


@pytest.mark.parametrize("place", [".", "audio", "sounds"])
def test_the_sounds_may_lie_in_three_places(tmp_path, place):
    (tmp_path / "sounds.csv").write_text("fname,labels\na.wav,Dog\nb.wav,Cat\n")
    for name in ("a.wav", "b.wav"):
        sound(tmp_path / place / name)
    assert list(read_dataset(tmp_path).clips["path"]) == [str(tmp_path / place / name) for name in ("a.wav", "b.wav")]


def test_the_csv_itself_may_be_given(write_clips):
    folder = write_clips(GOOD)
    (folder / "other.csv").write_text("fname,labels\na.wav,Bird\n")
    assert read_dataset(folder / "sounds.csv").vocabulary == ("Cat", "Dog")
    with pytest.raises(UserError, match=r"several tables \(other.csv, sounds.csv\)"):
        read_dataset(folder)


def test_kaggle_layout(synthetic):
    dataset = read_dataset(synthetic)
    assert dataset.clips["source"].value_counts().to_dict() == {"curated": 40, "noisy": 20, "test": 16}
    submission = pd.read_csv(synthetic / "sample_submission.csv", nrows=0)
    assert dataset.vocabulary == tuple(submission.columns[1:])
    assert dataset.clips.loc[dataset.clips["source"] == "test", "labels"].map(len).min() >= 1


def test_kaggle_layout_without_test_labels(synthetic, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(synthetic, folder)
    (folder / "test.csv").unlink()
    test = read_dataset(folder).of("test")
    assert len(test) == 16 and set(test["labels"]) == {()}


def test_zenodo_layout(tmp_path):
    meta = tmp_path / "FSDKaggle2019.meta"
    meta.mkdir()
    rows = {"train_curated": "a.wav,Bark\n", "train_noisy": 'b.wav,"Bark,Meow"\n', "test": "c.wav,Meow\n"}
    for name, row in rows.items():
        usage = ",usage" if name == "test" else ""
        row = row.replace("\n", ",Private\n") if usage else row
        (meta / f"{name}_post_competition.csv").write_text(f"fname,labels{usage}\n{row}")
        sound(tmp_path / f"FSDKaggle2019.audio_{name}" / row[:5])
    (meta / "vocabulary.csv").write_text("0,Meow,/m/07qrkrw\n1,Bark,/m/05tny_\n")
    dataset = read_dataset(tmp_path)
    assert dataset.vocabulary == ("Meow", "Bark")
    assert list(dataset.clips["source"]) == ["curated", "noisy", "test"]
    assert dataset.of("test")["usage"].item() == "Private"


def test_known_bad_files_are_dropped_with_or_without_their_ending(write_clips):
    dataset = read_dataset(write_clips(GOOD), dropped=("a", "b.wav"))
    assert list(dataset.clips["fname"]) == ["c.wav", "d.wav"]


WRONG = {
    "no labels column": ("fname,label\na.wav,Dog\n", "fname,labels; it has sounds.csv with the columns fname, label"),
    "no rows": ("fname,labels\n", "lists no clips"),
    "not a table": ('fname,labels\na.wav,Dog\n"b.wav,Cat\nc.wav,"x"y,z,1\n', "cannot be read as CSV"),
    "not quoted": ("fname,labels\na.wav,Dog,Cat\nb.wav,Cat,Dog\n", "line 3 has 3. Several labels go into one cell"),
    "twice by another path": (GOOD + "./a.wav,Cat\n", "more than once"),
    "no label at all": ('fname,labels\na.wav,""\nb.wav," , "\nc.wav,\nd.wav,\n', "sounds.csv: no clip has a lab"),
    "a class in two lines": (GOOD.replace("b.wav", "\nb.wav").replace('"Cat,', '"Cat,C\nat,'),
                             r"sounds.csv line 4: the class name 'C\\nat' has a line break"),
    "twice": (GOOD + "a.wav,Cat\n", r"more than once: a.wav \(line 2\), a.wav \(line 6\)"),
    "not there": (GOOD + "z.wav,Cat\n", r"lists 1 files that are not in .*audio: z.wav \(line 6\)"),
    "not listed": ("fname,labels\na.wav,Dog\nb.wav,Cat\n", "2 sound files that sounds.csv does not list: c.wav, d.wav"),
    "no name": (GOOD + ",Cat\n", "no file name in line 6"),
    "one class": (GOOD.replace("Cat", "Dog"), "One class alone"),
    "no fold": (GOOD.replace("labels", "labels,fold").replace("\n", ",1\n").replace("labels,fold,1", "labels,fold")
                .replace("c.wav,Cat,1", "c.wav,Cat,"), "no fold in line 4"),
}  # fmt: skip


@pytest.mark.parametrize("table, message", WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_table_is_said(write_clips, table, message):
    folder = write_clips(table)
    if "e.wav" in table:
        sound(folder / "audio" / "e.wav")
    with pytest.raises(UserError, match=message) as raised:
        read_dataset(folder)
    assert "\n" not in raised.value.message


def test_labels_out_of_the_vocabulary_are_named(synthetic, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(synthetic, folder)
    table = pd.read_csv(folder / "train_curated.csv")
    table.loc[3, "labels"] = "Bagpipes"
    table.to_csv(folder / "train_curated.csv", index=False)
    with pytest.raises(UserError, match=r"sample_submission.csv lacks: 'Bagpipes' \(train_curated.csv line 5\)"):
        read_dataset(folder)


def test_a_vocabulary_that_names_a_class_twice_is_refused(synthetic, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(synthetic, folder)
    header, rest = (folder / "sample_submission.csv").read_text().split("\n", 1)
    names = header.split(",")
    (folder / "sample_submission.csv").write_text(",".join([*names[:-1], names[1]]) + "\n" + rest)
    with pytest.raises(UserError, match=f"classes named twice: {names[1]}"):
        read_dataset(folder)


def test_a_vocabulary_with_a_comma_in_a_name_is_refused(synthetic, tmp_path):
    folder = tmp_path / "set"
    shutil.copytree(synthetic, folder)
    columns = [*pd.read_csv(folder / "sample_submission.csv").columns, "Speech, male"]
    pd.DataFrame([["a.wav"] + [0] * (len(columns) - 1)], columns=columns).to_csv(
        folder / "sample_submission.csv", index=False
    )
    with pytest.raises(UserError, match="the class name 'Speech, male' has a comma, which stands between labels"):
        read_dataset(folder)


def test_unlisted_files_may_be_ignored(write_clips):
    folder = write_clips("fname,labels\na.wav,Dog\nb.wav,Cat\n")
    assert len(read_dataset(folder, unlisted="ignore").clips) == 2
    with pytest.raises(UserError, match='"stop" or "ignore"'):
        read_dataset(folder, unlisted="maybe")


def test_moved_sounds_are_found_where_they_are_now(write_clips, tmp_path):
    folder = write_clips(GOOD)
    for place in ("here/deep", "elsewhere"):
        (tmp_path / place).mkdir(parents=True)
    shutil.move(folder / "audio/a.wav", tmp_path / "here/deep")
    shutil.copy(folder / "audio/b.wav", tmp_path / "here")
    with pytest.raises(UserError, match=r"not in .*: a.wav \(line 2\). If they were moved, .*set.audio='FOLDER'"):
        read_dataset(folder)
    paths = [tmp_path / "here/deep/a.wav", *(folder / f"audio/{name}.wav" for name in "bcd")]  # b is where it was
    assert list(read_dataset(folder, audio=str(tmp_path / "here")).clips["path"]) == list(map(str, paths))
    with pytest.raises(UserError, match=r"elsewhere has none of the clips \(a.wav, b.wav, c.wav, and 1 more\)"):
        read_dataset(folder, audio=str(tmp_path / "elsewhere"))


def test_moved_clips_of_the_same_name_are_told_apart_by_their_folder(synthetic, tmp_path):
    shutil.copytree(synthetic, tmp_path / "set")
    for source in ("train_curated", "train_noisy"):
        table = pd.read_csv(tmp_path / f"set/{source}.csv").head(1)
        (tmp_path / f"set/{source}" / table["fname"].item()).rename(tmp_path / f"set/{source}/a.wav")
        table.assign(fname="a.wav").to_csv(tmp_path / f"set/{source}.csv", index=False)
        (tmp_path / f"set/{source}").rename(tmp_path / source)
    clips = read_dataset(tmp_path / "set", audio=str(tmp_path)).clips
    assert list(clips["path"][clips["split"] == "train"]) == [
        str(tmp_path / source / "a.wav") for source in ("train_curated", "train_noisy")
    ]


def test_a_folder_that_is_not_there_or_empty(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        read_dataset(tmp_path / "nowhere")
    with pytest.raises(UserError, match="it has no CSV"):
        read_dataset(tmp_path)


def test_long_lists_are_counted(write_clips):
    rows = "".join(f"{i}.wav,Dog\n" for i in range(50))
    with pytest.raises(UserError, match=r"lists 50 files .* and 40 more"):
        read_dataset(write_clips("fname,labels\n" + rows, names=()))


def own_layout(folder):
    rows = pd.read_csv(folder / "meta.tsv", sep="\t", dtype=str)
    return Layout((Part("curated", folder / "meta.tsv", folder / "audio", rows.rename(columns={"file": "fname"})),))


def test_a_layout_of_ones_own(write_clips):
    folder = write_clips("", ["a.wav", "b.wav", "c.wav"])
    (folder / "meta.tsv").write_text("file\tlabels\tfold\na.wav\tDog\t2\nb.wav\tCat,Dog\t5\nc.wav\t\t5\n")
    dataset = read_dataset(folder, layout=own_layout)
    assert dataset.vocabulary == ("Cat", "Dog") and list(dataset.clips["labels"]) == [("Dog",), ("Cat", "Dog"), ()]
    assert list(dataset.clips["fold"]) == ["2", "5", "5"]
    assert Path(dataset.clips["path"][0]) == folder / "audio" / "a.wav"


WRONG_LAYOUTS = {
    "raises": (lambda folder: {}["a"], r"The layout <lambda>: KeyError: 'a' .*test_tables.py, line"),
    "gives nothing": (lambda folder: None, "The layout <lambda> gives None: expected is a fat_tf.data.Layout"),
    "source": (lambda folder: Layout((Part("train", folder, folder),)), "of curated, noisy and test Parts"),
    "columns": (
        lambda folder: Layout((Part("curated", folder / "t", folder, pd.DataFrame({"fname": ["a.wav"]})),)),
        "rows of t have no column labels",
    ),
}


@pytest.mark.parametrize("layout, message", WRONG_LAYOUTS.values(), ids=WRONG_LAYOUTS)
def test_what_is_wrong_with_a_layout_is_a_line(tmp_path, layout, message):
    with pytest.raises(UserError, match=message):
        read_dataset(tmp_path, layout=layout)

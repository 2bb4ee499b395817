"""Corrections of labels: what they change, and a line for each that cannot be followed."""

import pandas as pd
import pytest

from fat_tf import config
from fat_tf.data import read_dataset
from fat_tf.data.corrections import apply_all, apply_corrections, corrections_in_words
from fat_tf.errors import UserError

CLIPS = pd.DataFrame(
    [
        ("curated", "a.wav", ("Bark",)),
        ("curated", "b.wav", ("Bark", "Rain")),
        ("noisy", "b.wav", ("Rain",)),
        ("noisy", "c.wav", ()),
    ],
    columns=["source", "fname", "labels"],
    index=[7, 8, 9, 11],
)
CLASSES = ("Bark", "Rain", "<script>")


@pytest.fixture
def apply(tmp_path):
    def run(text: str):
        (tmp_path / "fixed.csv").write_text(text)
        return apply_corrections(CLIPS, CLASSES, tmp_path / "fixed.csv")

    return run


def labels_of(clips: pd.DataFrame) -> dict:
    return {(of, fname): labels for of, fname, labels in clips[["source", "fname", "labels"]].to_numpy().tolist()}


def test_labels_are_replaced_and_clips_dropped(apply):
    text = 'fname,labels,source,action\na.wav,"Rain,<script>",,\nb.wav,,curated,keep\nb.wav,Bark,noisy,drop\n'
    clips, made = apply(text)
    assert labels_of(clips) == {
        ("curated", "a.wav"): ("Rain", "<script>"),
        ("curated", "b.wav"): (),
        ("noisy", "c.wav"): (),
    }
    assert list(made["given"]) == ["Bark", "Bark,Rain", "Rain"] and list(made["source"]) == ["curated"] * 2 + ["noisy"]
    said = corrections_in_words(made)
    assert said == "2 clips with other labels, 1 dropped: <script> +1 −0, Bark +0 −2, Rain +1 −2"
    assert labels_of(CLIPS)["curated", "a.wav"] == ("Bark",)


def test_later_files_win(tmp_path):
    (tmp_path / "1.csv").write_text("fname,labels\na.wav,Rain\nc.wav,Bark\n")
    (tmp_path / "2.csv").write_text("fname,labels,action\na.wav,,drop\n")
    clips, made = apply_all(CLIPS, CLASSES, [tmp_path / "1.csv", tmp_path / "2.csv"])
    assert ("curated", "a.wav") not in labels_of(clips) and labels_of(clips)["noisy", "c.wav"] == ("Bark",)
    assert made[["fname", "action", "given"]].to_numpy().tolist() == [["c.wav", "", ""], ["a.wav", "drop", "Bark"]]


def test_what_a_run_notes_corrects_again(apply, tmp_path):
    clips, made = apply("fname,labels,action\nc.wav,Bark,\na.wav,,drop\n")
    made.to_csv(tmp_path / "again.csv", index=False)
    again, noted = apply_corrections(CLIPS, CLASSES, tmp_path / "again.csv")
    assert labels_of(again) == labels_of(clips) and noted.equals(made)


@pytest.mark.parametrize("text, message", [
    ("fname,labels\na.wav,Rain\n\nz.wav,Rain\n", "fixed.csv line 4: the data set has no clip z.wav. Take the line out"),
    ("fname,labels,source\nc.wav,Rain,curated\n", "line 2: the data set has no curated clip c.wav"),
    ("fname,labels\nb.wav,Rain\n", "b.wav is the name of curated and noisy clips: say which in a column source"),
    ("fname,labels\na.wav,Brak\n", "line 2: the data set has no class Brak: did you mean Bark?"),
    ("fname,labels\na.wav,Rain\na.wav,Bark\n", "corrects a.wav twice, in lines 2 and 3: keep one of them"),
    ("fname,labels,action\na.wav,Rain,remove\n", "action is empty, keep, fix or drop, not 'remove' in line 2"),
    ("fname,label\na.wav,Rain\n", "has no column labels"),
])  # fmt: skip
def test_what_cannot_be_followed_is_one_line(apply, text, message):
    with pytest.raises(UserError, match=f"^[^\n]*{message}[^\n]*$".replace("?", r"\?")):
        apply(text)


def test_a_configuration_names_the_file(write_clips, tmp_path):
    folder = write_clips("fname,labels\na.wav,Dog\nb.wav,Cat\nc.wav,Cat\nd.wav,Dog\n")
    (tmp_path / "fixed.csv").write_text("fname,labels,action\na.wav,Cat,\nd.wav,,drop\n")
    config.load(["m1.gin"], [f"read_dataset.corrections = {str(tmp_path / 'fixed.csv')!r}"])
    dataset = read_dataset(folder)
    assert list(dataset.clips["fname"]) == ["a.wav", "b.wav", "c.wav"] and set(dataset.clips["labels"]) == {("Cat",)}
    assert dataset.vocabulary == ("Cat", "Dog") and len(dataset.corrections) == 2

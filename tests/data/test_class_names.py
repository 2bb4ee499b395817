"""Names of classes: which may be one that is written in two ways."""

from dataclasses import replace

from fat_tf.data.builtin import open_dataset
from fat_tf.data.class_names import nearly_alike
from fat_tf.data.fold_assignment import assign_folds
from fat_tf.training.run_data import fold_clips, warn_of_like_names

NAMES = ["Cat", "Dog", "Dog bark", "Dog_bark", "cat", "dog-bark", "é", "É", "?", "!"]


def test_names_that_differ_by_capitals_and_signs_alone_are_found():
    assert nearly_alike(NAMES) == [("Cat", "cat"), ("Dog bark", "Dog_bark", "dog-bark"), ("é", "É")]


def test_they_are_warned_of(write_clips, capsys):
    rows = "".join(f"{i}.wav,{name}\n" for i, name in enumerate(["Cat", "cat", "Dog"] * 5))
    folder = write_clips("fname,labels\n" + rows, [f"{i}.wav" for i in range(15)])
    folded = fold_clips(open_dataset(folder), ("curated",), assign_folds)
    warn_of_like_names(folded)
    assert "Warning: classes with nearly the same name: Cat and cat. If they are one" in capsys.readouterr().err
    warn_of_like_names(replace(folded, dataset=replace(folded.dataset, vocabulary=("Cat", "Dog", "cow"))))
    assert capsys.readouterr().err == ""

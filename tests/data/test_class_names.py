"""Names of classes: which may be one that is written in two ways."""

from fat_tf import config
from fat_tf.data.builtin import open_dataset
from fat_tf.data.class_names import nearly_alike
from fat_tf.training.run_data import load_run_data

NAMES = ["Cat", "Dog", "Dog bark", "Dog_bark", "cat", "dog-bark", "é", "É", "?", "!", "C", "C#", "C++", "काला", "कल"]


def test_names_that_differ_by_capitals_and_signs_alone_are_found():
    assert nearly_alike(NAMES) == [("Cat", "cat"), ("Dog bark", "Dog_bark", "dog-bark"), ("é", "É")]


def test_they_are_warned_of_before_training(write_clips, cache_dir, capsys):
    config.load(["m1.gin"])
    recipe = config.make("Recipe")
    rows = "".join(f"{i}.wav,{name}\n" for i, name in enumerate(["Cat", "cat", "Dog"] * 5))
    folder = write_clips("fname,labels\n" + rows, [f"{i}.wav" for i in range(15)])
    load_run_data(recipe, open_dataset(folder), cache_dir)
    assert "Warning: classes of nearly the same name: Cat and cat. If they are one" in capsys.readouterr().err
    (folder / "sounds.csv").write_text("fname,labels\n" + rows.replace("cat", "Cow"))
    load_run_data(recipe, open_dataset(folder), cache_dir)
    assert "nearly the same" not in capsys.readouterr().err

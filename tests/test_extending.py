"""The examples of docs/extending.md, as they stand there: each trains, predicts, exports or says why not, and loads."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import pandas as pd
import pytest

from fat_tf import config, training
from fat_tf.audio.front_end_check import check_front_end
from fat_tf.config import modules

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs" / "extending.md").read_text()
FILES = {text.split("\n")[0][2:]: text for text in re.findall(r"^```(?:python)?\n(# \S+\n.*?)^```", DOCS, re.S | re.M)}
EXAMPLES = [name.removesuffix(".gin") for name in FILES if name.endswith(".gin")]
TINY = ["WIDTH=2", "EPOCHS=1", "BATCH_SIZE=16", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'"]
TOGETHER = {  # few trainings: parts that get along
    "first": ["small_net", "pcen", "level", "focal", "thirds", "single"],
    "second": ["attentive", "softer", "adamw", "esc50"],
}


def test_each_example_is_short_and_in_one_of_the_trainings():
    assert sorted(EXAMPLES) == sorted([*TOGETHER["first"], *TOGETHER["second"]])
    for name in EXAMPLES:
        lines = [line for file in (f"{name}.py", f"{name}.gin") for line in FILES.get(file, "").splitlines()[1:]]
        assert len(lines) <= 25, name


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> Path:
    """A folder with the files of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def forgotten():
    """The modules of the examples are imported anew."""
    yield
    for name in EXAMPLES:
        sys.modules.pop(name, None)
        modules._texts.pop(name, None)


def load(examples: Path, names: list[str]) -> list[str]:
    """Load the configuration of these examples; returns the bindings that make it small."""
    config.load(["m1.gin", *(str(examples / f"{name}.gin") for name in names)], TINY)
    return TINY


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_is_a_recipe(name, examples, forgotten):
    load(examples, [name])
    recipe = config.make("Recipe")
    assert name == "adamw" or config.own_modules() == [name]
    if name == "pcen":
        check_front_end(recipe.front_end)


def as_esc50(synthetic: Path, folder: Path) -> Path:
    """The curated clips in the layout of ESC-50."""
    table = pd.read_csv(synthetic / "train_curated.csv")
    shutil.copytree(synthetic / "train_curated", folder / "audio")
    (folder / "meta").mkdir()
    folds, categories = [1 + clip % 5 for clip in range(len(table))], table["labels"].str.split(",").str[0]
    rows = pd.DataFrame({"filename": table["fname"], "fold": folds, "category": categories})
    rows.to_csv(folder / "meta" / "esc50.csv", index=False)
    return folder


USE = """
import sys
from pathlib import Path
import keras, numpy as np
import fat_tf
from fat_tf import config
from fat_tf.errors import UserError
from fat_tf.export.formats import ExportRequest, FORMATS
from fat_tf.inference.predict_files import of_runs, predict
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.predictor import Prediction

run, sounds, output = map(Path, sys.argv[1:4])
fat_tf.load_parts(run)
saved = keras.models.load_model(run / "fold_0" / "model.keras")
print("logits", saved(np.zeros((2, saved.input_shape[1]), np.float32)).shape)
print("tags", len(fat_tf.Tagger.from_run(run).tag(next(sounds.iterdir()), 3)))
assert predict(of_runs([str(run)], ["predict.gin"], []), find_clips([sounds])[:2], output / "scores.csv") == 0
for how in ({"placement": "whole"}, {"shared_trunk": True}):
    try:
        fat_tf.Tagger.from_run(run, prediction=Prediction(**how)).tag(next(sounds.iterdir()))
        print(*how, "fine")
    except UserError as error:
        print(*how, error.message)
for name in sys.argv[4:]:
    try:
        FORMATS[name](ExportRequest([str(run)], None, Prediction(windows=2)), output / name)
        print(name, "fine")
    except UserError as error:
        print(name, error.message)
"""
EXPECTED = {
    "first": {"savedmodel": "fine", "litert": "LiteRT cannot run these models: it has no TensorListReserve"},
    "second": {"keras": "fine", "litert": "fine", "shared_trunk": "attentive has no trunk to share"},
}


@pytest.mark.slow
@pytest.mark.parametrize("group", TOGETHER)
def test_examples_train_and_their_run_works_from_elsewhere(group, examples, synthetic, cache_dir, tmp_path, forgotten):
    names = TOGETHER[group]
    data = as_esc50(synthetic, tmp_path / "esc50") if "esc50" in names else synthetic
    moved, run = tmp_path / "moved", tmp_path / "run"
    shutil.copytree(examples, moved)
    params = load(moved, names)
    training.train(config.make("Recipe"), run, training.Inputs(data, cache_dir, [0]), params)
    for module in moved.glob("*.py"):
        module.unlink()
    (tmp_path / "elsewhere").mkdir()
    sounds = data / "audio" if "esc50" in names else data / "test"
    arguments = [str(run), str(sounds), str(tmp_path), *(kind for kind in EXPECTED[group] if kind != "shared_trunk")]
    command = [sys.executable, "-c", USE, *arguments]
    done = subprocess.run(command, cwd=tmp_path / "elsewhere", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    assert said["logits"] == "(2, 16)" and said["tags"] == "3" and "Own parts of" in done.stdout
    for what, start in ({"placement": "fine", "shared_trunk": "fine"} | EXPECTED[group]).items():
        assert said[what].startswith(start), what
    if "keras" in EXPECTED[group]:
        assert (tmp_path / "keras" / "own_parts" / "attentive.py").is_file()
        assert isinstance(keras.models.load_model(tmp_path / "keras" / "model.keras"), keras.Model)

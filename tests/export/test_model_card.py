"""The model card of complete runs, of bare ones, and of blends."""

import json
import re
from pathlib import Path

import keras
import pandas as pd
import pytest
from fake_runs import manifest

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.export.model_card import model_card
from fat_tf.inference.run_models import Group, Models
from fat_tf.runs.manifest import write_manifest

LABELS = ("Bark", "Rain|Hail", "Tick-tock", "<unk>")
TEST = {
    "lwlrap": 0.75,
    "lwlrap_ci95": [0.7, 0.8],
    "accuracy": 0.5,
    "accuracy_ci95": [0.4, 0.6],
    "per_class": dict(zip(LABELS, (0.9, 0.2, 0.8, 0.7), strict=True)),
    "chance": 0.3333,
    "baseline": 0.45,
    "gain": 0.3,
    "gain_ci95": [0.2, 0.4],
}
METRICS = {
    "lwlrap": 0.8125,
    "lwlrap_ci95": [0.77, 0.85],
    "accuracy": 0.6,
    "accuracy_ci95": [0.5, 0.7],
    "per_class": dict(zip(LABELS, (0.95, 0.1, 0.85, 0.75), strict=True)),
    "folds": [0.8, 0.825],
    "test": TEST,
    "background": {"clips": 8, "false_alarms": 0.25, "classes": {"Bark": 2}},
    "steps": [1000, 1100],
    "seconds": 3723.4,
}
RECIPE = {
    "model": {"class": "m1", "parameters": 34742, "layers": "ab"},
    "stages": [{"name": "fit", "data": "curated"}],
    "selection": None,
}
CONFIGURATION = """\
Recipe.model = @m1
Recipe.stages = (@fit/Stage(),)
fit/Stage.data = 'curated'
assign_folds.method = 'ninth_place'
Recipe.scorer_run = '/home/me/runs/scorer'
m1.width = 16
"""


@pytest.fixture
def complete(tmp_path) -> Path:
    """A run with all its files, but no model."""
    run = tmp_path / "dogs"
    run.mkdir()
    write_manifest(run, manifest(recipe=RECIPE, gin_files=("/home/me/m1.gin",), data_dir="/home/me/sounds"))
    environment = {"command": ["train.py"], "packages": {"keras": "3.15.1"}, "commit": "abc-dirty"}
    (run / "environment.json").write_text(json.dumps(environment))
    (run / "metrics.json").write_text(json.dumps(METRICS))
    (run / "operative_config.gin").write_text(CONFIGURATION)
    for fold in range(2):
        (run / f"fold_{fold}").mkdir()
        (run / f"fold_{fold}" / "scores.npz").touch()
    table = pd.DataFrame({"fname": [f"{k}.wav" for k in range(6)], "fold": [0, 1, 2] * 2})
    table.to_csv(run / "folds.csv", index=False)
    table.head(5).to_csv(run / "test_scores.csv", index=False)
    return run


@pytest.fixture
def bare(tmp_path) -> Path:
    run = tmp_path / "bare"
    run.mkdir()
    (run / "metrics.json").write_text("{}")
    return run


def models(*front_ends: FrontEnd) -> Models:
    network = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4)])
    front_ends = front_ends or (FrontEnd(),)
    weight = 0.5 / len(front_ends)
    groups = [Group(front_end, [network, network], [weight, weight]) for front_end in front_ends]
    return Models(LABELS, groups, [], "float32")


def card_of(*runs: Path, weights=(1.0,), measured=(), of: Models | None = None) -> str:
    return model_card(of or models(), runs, weights, "float32", 8, measured)


def rows(card: str) -> list[list[str]]:
    """Cells of all table rows."""
    lines = [line for line in card.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        "| lwlrap on test clips | 0.750 [0.700, 0.800] |",
        "| top-1 accuracy on test clips | 0.500 [0.400, 0.600] |",
        "| lwlrap of chance on test clips | 0.333 |",
        "| lwlrap of a linear model on test clips | 0.450 |",
        "| gain over the linear model | 0.300 [0.200, 0.400] |",
        "| lwlrap out of fold | 0.812 [0.770, 0.850] |",
        "| top-1 accuracy out of fold | 0.600 [0.500, 0.700] |",
        "| false alarms in background out of fold | 25.0% of 8 clips |",
        "| lwlrap of each fold | 0.800, 0.825 |",
        "- **How good:** dogs: lwlrap 0.750 [0.700, 0.800] on test clips",
        "- **Networks:** 2 (72 parameters), computed in float32; scores are their weighted mean",
        "- **Sound:** any length; heard as mono at 44,100 Hz in up to 8 windows of 4 s",
        "beyond 32 s there are gaps",
        "`scores` float32 [batch, 4]",
        "`log_mel` float32 [batch, 64, frames, 1]",
        "- **Data:** sounds",
        "- **Clips:** 6 curated in 3 folds (method ninth_place), 2 of them trained; 5 for the test",
        "- **Model:** m1, 34,742 parameters",
        "- **Stages:** fit (curated clips)",
        "- **Training:** about 1,050 optimiser steps a fold, 1:02:03 in all",
        "- **Command:** `python tools/train.py --gin_file=m1.gin --data_dir=sounds --folds=0,1`",
        "- **Versions:** keras 3.15.1",
        "- **Commit of fat_tf:** abc, with local changes",
        "License: not stated. The package is Apache-2.0; the weights follow what the training sounds allow: sounds.",
        "Recipe.scorer_run = 'scorer'",
    ],
)
def test_a_complete_run_is_told_whole(complete, text):
    assert text in card_of(complete)


def test_a_class_without_clips_comes_last(complete):
    without = METRICS | {"per_class": METRICS["per_class"] | {"Rain|Hail": None}}
    (complete / "metrics.json").write_text(json.dumps({name: without[name] for name in without if name != "test"}))
    table = [row for row in rows(card_of(complete)) if len(row) == 2]
    start = table.index(["class", "dogs, out of fold"])
    assert table[start + 2 : start + 6][-1] == [r"`Rain\|Hail`", "-"]


def test_no_place_of_the_machine_is_in_it(complete, tmp_path):
    card = card_of(complete)
    assert "/home" not in card and str(tmp_path) not in card


def test_classes_come_weakest_first_with_both_judgements(complete):
    table = [row for row in rows(card_of(complete)) if len(row) == 3]
    start = table.index(["class", "dogs, test clips", "dogs, out of fold"])
    assert table[start + 2 :] == [
        [r"`Rain\|Hail`", "0.200", "0.100"],
        ["`<unk>`", "0.700", "0.750"],
        ["`Tick-tock`", "0.800", "0.850"],
        ["`Bark`", "0.900", "0.950"],
    ]


@pytest.mark.parametrize("runs, weights", [(["dogs"], [1.0]), (["bare"], [1.0]), (["dogs", "bare"], [0.961, 0.039])])
def test_all_rows_of_a_table_have_as_many_cells(complete, bare, runs, weights):
    card = card_of(*(complete.parent / run for run in runs), weights=weights)
    tables = re.findall(r"(?:^\|.*\n)+", card, re.MULTILINE)
    assert len(tables) >= 2
    assert all(len({len(row) for row in rows(table)}) == 1 for table in tables)


def test_what_a_bare_run_does_not_say_is_named(bare):
    card = card_of(bare)
    assert all(f"**{name}:** not known" in card for name in ("Trained on", "Data", "Clips", "Model"))
    assert "## How good\n\nnot known" in card and "lwlrap)\n\nnot known" in card and "### bare\n\nnot known" in card
    assert "Stages" not in card and "Out-of-fold figures" not in card


def test_a_blend_names_its_members_with_their_weights(complete, bare):
    card = card_of(complete, bare, weights=[0.961, 0.039])
    assert card.startswith("# dogs + bare\n")
    assert "| lwlrap on test clips | 0.750 [0.700, 0.800] |  |" in card
    assert "### dogs, weight 0.961" in card and "### bare, weight 0.039" in card
    assert "not their blend" in card


def test_a_blend_without_test_clips_shows_its_classes_out_of_fold(complete, bare):
    metrics = {name: value for name, value in METRICS.items() if name != "test"}
    for run in (complete, bare):
        (run / "metrics.json").write_text(json.dumps(metrics))
    assert ["class", "dogs, out of fold", "bare, out of fold"] in rows(card_of(complete, bare, weights=[0.5, 0.5]))


@pytest.mark.parametrize(
    "more, text",
    [
        ({}, "Out-of-fold figures of dogs are flattered: each fold's own clips chose the checkpoint."),
        ({"checkpoint_optimism": 0.0123}, "they would have been flattered by 0.012 lwlrap"),
        ({"checkpoint_optimism": 0.0}, "they would have been flattered by 0.000 lwlrap"),
    ],
)
def test_it_says_whether_checkpoints_flatter_the_figures(complete, more, text):
    (complete / "metrics.json").write_text(json.dumps(METRICS | more))
    card = card_of(complete)
    assert text in card and card.count("Out-of-fold figures") == 1


def test_last_weights_flatter_nothing(complete):
    write_manifest(complete, manifest(recipe=RECIPE | {"last_weights": True}))
    assert "flattered" not in card_of(complete)


def test_folds_of_another_run_are_told(complete):
    write_manifest(complete, manifest(recipe=RECIPE, folds_from="/home/me/before"))
    assert "- **Clips:** 6 curated in 3 folds (as in before), 2 of them trained" in card_of(complete)


def test_it_says_that_the_choice_of_noisy_clips_has_seen_them(complete):
    recipe = RECIPE | {"stages": [{"name": "fit", "data": "curated+best"}], "selection": {"scope": "all_folds"}}
    said = "Out-of-fold figures of dogs are flattered too by the choice of noisy clips"
    assert said not in card_of(complete)
    write_manifest(complete, manifest(recipe=recipe))
    assert said in card_of(complete)


def test_figures_of_other_networks_are_told(complete):
    assert "The figures of dogs are" not in card_of(complete)
    (complete / "fold_1" / "scores.npz").unlink()
    assert "The figures of dogs are of 2 networks; this model has 1 of that run." in card_of(complete)


def test_what_was_measured_on_the_export_is_told(bare):
    assert "exported model itself:\n\n- bfloat16 costs 0.001\n- int8 costs 0.002\n" in card_of(
        bare, measured=["bfloat16 costs 0.001", "int8 costs 0.002"]
    )
    assert "Nothing was measured on the exported model itself." in card_of(bare)


def test_every_front_end_has_an_input(bare):
    other = FrontEnd(LogMel(n_mels=32), window_seconds=2.0)
    card = card_of(bare, of=models(FrontEnd(), other))
    assert "`log_mel_2` float32 [batch, 32, frames, 1]" in card
    assert "windows of 2 s or 4 s" in card and "beyond 16 s there are gaps" in card

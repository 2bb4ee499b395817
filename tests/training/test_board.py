"""TensorBoard's files of a run: what they hold, that nothing is there twice, that nothing of it changes a run."""

import html as entities
import itertools
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from board_events import events, points
from sklearn.metrics import precision_score, recall_score
from tensorboard.plugin_util import markdown_to_safe_html
from tensorboard.plugins.hparams.metadata import parse_session_start_info_plugin_data
from tensorboard.plugins.pr_curve import summary as pr_curve
from tensorboard.plugins.pr_curve.metadata import PLUGIN_NAME as PR_CURVES
from tensorboard.util.tensor_util import make_ndarray

from fat_tf.errors import UserError
from fat_tf.metrics import blocks
from fat_tf.program import install_line
from fat_tf.training.board import profile
from fat_tf.training.board.budget import Budget
from fat_tf.training.board.chosen import chosen_classes, worst_and_best
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.event_file import EventFile, gone_on_with, written_anew
from fat_tf.training.board.pictures import shares_in_words
from fat_tf.training.board.run_board import mean_history
from fat_tf.training.board.settings import Board
from fat_tf.training.board.summaries import (
    THRESHOLDS,
    escaped,
    kept_values,
    precision_recall,
    scalar,
    table,
    tag,
    values_of,
)
from fat_tf.training.step_norms import EVERY, StepNorms

ODD = ('<script>alert("x")</script>', "a|b", "*stars*", "🐶 woof", "כלב", "x" * 200, "up/down", "two\nlines")


def test_a_fold_has_its_curves_by_optimiser_steps(done):
    history, shown = pd.read_csv(done / "fold_0" / "history.csv"), points(done / "fold_0")
    assert [step for step, _ in shown["scalars", "loss/train"]] == [2, 4]  # 32 clips in batches of 16
    for name, column in (
        ("loss/train", "loss"),
        ("quality/lwlrap_validation", "val_lwlrap"),
        ("loss/validation", "val_loss"),
    ):
        np.testing.assert_allclose([value for _, value in shown["scalars", name]], history[column], rtol=1e-6)
    for name in ("optimiser/gradient_norm", "optimiser/weight_norm", "optimiser/update_ratio"):
        assert all(value > 0 for _, value in shown["scalars", name])
    assert shown["text", "stage"][0][1].startswith(b"**fit**: curated, 32 clips&#59; at most 2 epochs of 2 steps")
    assert all(len({step for step, _ in of_tag}) == len(of_tag) for of_tag in shown.values())


def test_a_run_has_its_texts_its_graph_and_its_results_once(done):
    shown, folds = points(done / "results"), [points(done / f"fold_{k}") for k in (0, 1)]
    assert {"run/recipe", "run/data", "run/model", "run/environment"} == {t for plugin, t in shown if plugin == "text"}
    assert sum(bool(event.graph_def) for event in events(done / "results")) == 1
    assert ("custom_scalars", "custom_scalars__config__") in shown and (
        "hparams",
        "_hparams_/session_end_info",
    ) in shown
    metrics = pd.read_json(done / "metrics.json", typ="series")
    assert shown["scalars", "result/test_lwlrap"] == [(4, pytest.approx(metrics["test"]["lwlrap"]))]
    assert (PR_CURVES, "all classes/pr_curves") in shown
    mean = points(done / "mean_of_folds")["scalars", "quality/lwlrap_validation"]
    of_folds = [[value for _, value in fold["scalars", "quality/lwlrap_validation"]] for fold in folds]
    np.testing.assert_allclose([value for _, value in mean], np.mean(of_folds, axis=0), rtol=1e-6)
    assert all(len(of_tag) == 1 for of_tag in shown.values())


def test_runs_compare_by_what_the_configuration_binds(done):
    [start] = [
        value.metadata.plugin_data.content
        for event in events(done / "results")
        for value in event.summary.value
        if value.tag == "_hparams_/session_start_info"
    ]
    info = parse_session_start_info_plugin_data(start)
    assert info.group_name == done.name
    assert info.hparams["WIDTH"].number_value == 2 and info.hparams["MixUp.per_clip"].bool_value is False
    assert info.hparams["model"].string_value == "tiny" and info.hparams["MixUp.alpha"].number_value == 0.4
    assert not [name for name in info.hparams if name.startswith(("Board.", "Bootstrap.")) or name.endswith(".name")]


@pytest.mark.slow
def test_pictures_and_sounds_change_no_bit_of_a_run(done, run_tiny, tmp_path):
    run_tiny(tmp_path / "r", "Board.share=1.0", "Board.classes=('Bell',)", "Board.sounds=1", folds=[0])
    tables = [pd.read_csv(run / "fold_0" / "history.csv") for run in (done, tmp_path / "r")]
    same = [table.drop(columns=["seconds", "clips_per_second"]) for table in tables]
    pd.testing.assert_frame_equal(*same, check_exact=True)
    models = [keras.models.load_model(run / "fold_0" / "model.keras").get_weights() for run in (done, tmp_path / "r")]
    for first, second in zip(*models, strict=True):
        np.testing.assert_array_equal(first, second)
    shown = points(tmp_path / "r" / "fold_0")
    for key in (
        ("images", "validation/confusions"),
        ("images", "entering the network/fit"),
        (PR_CURVES, "Bell/pr_curves"),
    ):
        assert [step for step, _ in shown[key]] == [2, 4]
    assert shown["images", "validation/confusions"][0][1][2].startswith(b"\x89PNG")
    kinds = [name.split("/")[0] for plugin, name in shown if plugin == "audio"]
    assert sorted(kinds) == ["some clips", "worst clips"]
    assert {"out of fold/ROC", "out of fold/confusions"} <= {name for _, name in points(tmp_path / "r" / "results")}


@pytest.mark.slow
def test_what_cannot_be_written_ends_no_training(done, run_tiny, tmp_path, monkeypatch, capsys):
    def full(self, event):
        raise tf.errors.ResourceExhaustedError(None, None, "No space left on device")

    monkeypatch.setattr(EventFile, "_write", full)
    run_tiny(tmp_path / "r", folds=[0])
    said = capsys.readouterr().err
    assert f"Warning: TensorBoard shows no more of {tmp_path / 'r' / 'fold_0'}; the training goes on: No space" in said
    assert said.count("shows no more") == 3  # of the fold, of the run at its beginning and at its end
    scores = [(run / "fold_0" / "scores.npz").read_bytes() for run in (done, tmp_path / "r")]
    assert scores[0] == scores[1]


def test_a_file_that_is_gone_on_with_drops_what_a_stop_has_undone(tmp_path):
    file, _ = gone_on_with(tmp_path, "fold", 0)
    for step in (5, 10, 15):
        file.add(scalar("loss", step), step)
        file.add(kept_values("kept", np.arange(step)), step)
        file.flush()
    del file
    [written] = tmp_path.iterdir()
    written.write_bytes(written.read_bytes()[:-7])  # it was stopped while it wrote
    other = written_anew(tmp_path, "sounds")
    other.add(scalar("other", 1), 99)
    other.flush()
    file, earlier = gone_on_with(tmp_path, "fold", 10)
    file.add(scalar("loss", 16), 16)
    file.flush()
    assert [values_of(e.summary, "kept").size for e in earlier if values_of(e.summary, "kept") is not None] == [5, 10]
    assert points(tmp_path)["scalars", "loss"] == [(5, 5.0), (10, 10.0), (16, 16.0)]
    assert points(tmp_path)["scalars", "other"] == [(99, 1.0)] and not list(tmp_path.glob(".*"))
    gone_on_with(tmp_path, "fold", 0)
    assert set(points(tmp_path)) == {("scalars", "other")}


def test_norms_of_a_step_are_those_of_numpy():
    rng = np.random.default_rng(0)
    weights = [keras.Variable(rng.normal(size=shape).astype("float32")) for shape in ((3, 4), (5,))]
    metric, flat = StepNorms(), lambda: np.concatenate([weight.numpy().ravel() for weight in weights])
    expected = []

    @tf.function
    def step(gradients, updates):
        before = metric.copied(weights)
        for weight, update in zip(weights, updates, strict=True):
            weight.assign(weight + update)
        metric.update_state(before, weights, gradients, 4.0)

    for number in range(EVERY + 2):
        gradients, updates = ([rng.normal(size=w.shape).astype("float32") for w in weights] for _ in range(2))
        before = flat()
        step(gradients, updates)
        if number % EVERY == 0:
            norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients])) / 4
            expected.append((norm, np.linalg.norm(before), np.linalg.norm(flat() - before) / np.linalg.norm(before)))
    np.testing.assert_allclose(
        [float(value) for value in metric.result().values()], np.mean(expected, axis=0), rtol=1e-5
    )
    kept = flat()
    metric.reset_state()
    np.testing.assert_array_equal(flat(), kept)


@pytest.mark.parametrize("label", ODD)
def test_labels_are_shown_as_they_are(label):
    html = markdown_to_safe_html(table(("clip", "labels"), [(label, "Bark")]))
    cell = html.split("<td>")[1].split("</td>")[0]
    assert entities.unescape(cell) == " ".join(label.split()) and "<script" not in html and "<em>" not in html
    assert "/" not in tag(label) and scalar(f"classes/{tag(label)}", 1.0).value[0].tag.count("/") == 1
    assert escaped("caf\udce9") == "caf&#92;xe9"


def test_a_pr_curve_is_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    truth, scores = rng.random((50, 3)) < 0.3, rng.random((50, 3))
    data = make_ndarray(precision_recall("all", truth, scores).value[0].tensor)
    middle = (scores >= 63 / 126).ravel()
    assert data[4, 63] == pytest.approx(precision_score(truth.ravel(), middle))
    assert data[5, 63] == pytest.approx(recall_score(truth.ravel(), middle))


def test_clips_that_score_worst_come_first():
    truth = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 0]], bool)
    scores = np.array([[0.9, 0.1, 0.2], [0.5, 0.1, 0.3], [1, 1, 1], [0.2, 0.6, 0.3]])
    clips = ValidationClips(np.array(list("abcd")), np.array(list("abcd")), truth, scores, ("Bark", "Rain", "Meow"))
    assert clips.worst(5) == [1, 3, 0] and clips.some(2) == [0, 3] and clips.some(9) == [0, 1, 2, 3]
    assert clips.labels(3) == "Bark, Rain" and clips.labels(2) == "none"
    assert clips.tags(1) == "Bark 0.50, Meow 0.30, Rain 0.10"


def test_classes_without_clips_are_neither_worst_nor_best():
    per_class = np.array([0.5, np.nan, 0.1, 0.9])
    assert worst_and_best(per_class) == [2, 0, 3]
    assert chosen_classes(per_class, ["b"], "abcd") == [1, 2, 0, 3]


def test_mixed_labels_are_named_with_their_shares():
    words = ("Bark", "Rain", "Meow")
    assert shares_in_words(np.array([0.3, 0.7, 0]), words) == "Rain 0.70\nBark 0.30"
    assert shares_in_words(np.array([0, 0, 1.0]), words) == "Meow"
    assert shares_in_words(np.zeros(3), words) == "no label"
    assert shares_in_words(np.array([0.3, 0.7, 0.2]), words) == "Rain 0.70\nBark 0.30, and 1 more"


def test_the_mean_of_the_folds_ends_with_the_shortest():
    rows = [("fit", 1, 0.2), ("fit", 2, 0.4), ("refit", 1, 0.6)]
    longer, shorter = (pd.DataFrame(rows[:n], columns=["stage", "epoch", "val_lwlrap"]) for n in (3, 2))
    mean = mean_history([longer, shorter.assign(val_lwlrap=0.0)], [30, 22])
    assert [step for step, _ in mean] == [10, 21]
    assert [row["val_lwlrap"] for _, row in mean] == pytest.approx([0.1, 0.2])


def test_drawings_take_their_share_of_the_time(monkeypatch):
    now = SimpleNamespace(time=0.0)
    monkeypatch.setattr("time.perf_counter", lambda: now.time)
    budget, drawn = Budget(0.1), []
    for epoch in range(1, 101):
        now.time += 1
        if budget.allows(epoch):
            with budget.spending(epoch):
                now.time += 1
            drawn.append(epoch)
    assert drawn[0] == 1 and len(drawn) <= 1 + 0.1 * now.time and budget.has_drawn(drawn[-1])
    assert all(after >= 1.5 * before for before, after in itertools.pairwise(drawn))
    assert not Budget(0.0).allows(1)


@pytest.mark.parametrize("settings, says", [
    ({"classes": "Bark"}, "a list of names"),
    ({"sounds": -1}, "0 or more"),
    ({"share": 2.0}, "a share of 0 to 1"),
])  # fmt: skip
def test_settings_that_make_no_sense(settings, says):
    with pytest.raises(UserError, match=says):
        Board(**settings)


def test_a_profile_without_its_plugin_is_said(monkeypatch, capsys):
    monkeypatch.setattr(profile, "find_spec", lambda name: None)
    profile.check_viewer()
    assert f"with a plugin alone: {install_line('profile')}" in capsys.readouterr().err


def test_a_profile_beyond_the_end_is_said(capsys):
    profile.warn_beyond((9, 12), 10, 0)
    assert not capsys.readouterr().err
    profile.warn_beyond((100, 120), 54, 0)
    assert "no profile of fold 0: it took 54 steps, and Recipe.profile begins with 100" in capsys.readouterr().err


@pytest.mark.slow
def test_a_profile_lies_in_the_fold(run_tiny, tmp_path):
    run_tiny(tmp_path / "r", "Recipe.profile=(1, 3)", folds=[0])
    assert len(list((tmp_path / "r" / "fold_0" / "plugins" / "profile").rglob("*.xplane.pb"))) == 1


def test_precision_and_recall_of_blocks_are_tensorboards(monkeypatch):
    monkeypatch.setattr(blocks, "CLIPS", 7)
    rng = np.random.default_rng(0)
    truth, scores = rng.random((50, 3)) < 0.2, rng.random((50, 3))
    scores[0] = 0, 1, 0.5
    for t, s in ((truth, scores), (truth[:, 0], scores[:, 0])):
        theirs = pr_curve.pb("x", t.ravel(), s.ravel(), num_thresholds=THRESHOLDS)
        assert precision_recall("x", t, s).SerializeToString() == theirs.SerializeToString()

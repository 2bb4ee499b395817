"""Scores of clips, beside slower and simpler ways to the same."""

import functools

import keras
import numpy as np
import pytest
import soundfile as sf
import tensorflow as tf

from fat_tf.audio.long_picture import draw_long
from fat_tf.data import read_dataset
from fat_tf.data.windows import regular_starts
from fat_tf.errors import UserError
from fat_tf.inference import clip_pictures, window_scoring
from fat_tf.inference.clip_list import Clip, find_clips
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_runs
from fat_tf.inference.shared_trunk import SharedTrunk, on_grid
from fat_tf.metrics import overall_lwlrap

FLOAT = {"precision": "float32"}


@pytest.fixture(scope="module")
def test_clips(synthetic):
    return find_clips([synthetic / "test"])[:8]


models = functools.cache(lambda *runs: load_runs(runs, "float32"))
predictor = functools.cache(lambda runs, how: Predictor(models(*runs), Prediction(**FLOAT, **dict(how))))


def score(runs, clips, **how) -> np.ndarray:
    return np.stack([clip.scores for clip in predictor(tuple(runs), tuple(how.items()))(clips)])


def one_by_one(run, clip: Clip, windows: int) -> np.ndarray:
    """A clip's scores: fold by fold, window by window, with NumPy alone around the saved models."""
    folds = []
    for file in sorted(run.glob("fold_*/model.keras")):
        saved = keras.models.load_model(file, compile=False)
        front_end = saved.get_layer("front_end")
        picture = front_end(front_end.load(clip.path)[0][None]).numpy()
        starts = regular_starts(picture.shape[2], front_end.window_frames, windows)
        from_picture = keras.Model(front_end.output, saved.output)
        logits = [from_picture(picture[:, :, s : s + front_end.window_frames]).numpy() for s in starts]
        folds.append(np.mean([1 / (1 + np.exp(-x[0].astype(np.float64))) for x in logits], axis=0))
    return np.mean(folds, axis=0)


def test_scores_are_those_of_every_fold_and_window_alone(runs, test_clips):
    scores = score([runs / "a"], test_clips[:3], windows=5, batch_size=7)
    expected = np.stack([one_by_one(runs / "a", clip, 5) for clip in test_clips[:3]])
    np.testing.assert_allclose(scores, expected, atol=1e-6)


@pytest.mark.slow
def test_several_runs_give_their_mean_whatever_their_pictures(runs, test_clips):
    a, b = (score([runs / name], test_clips) for name in "ab")
    np.testing.assert_allclose(score([runs / "a", runs / "b"], test_clips), (a + b) / 2, atol=1e-6)


def test_batches_and_company_change_nothing(runs, test_clips):
    whole = score([runs / "a"], test_clips)
    np.testing.assert_allclose(score([runs / "a"], test_clips, batch_size=1), whole, atol=1e-6)
    np.testing.assert_allclose(score([runs / "a"], test_clips[::-1]), whole[::-1], atol=1e-6)


def test_random_windows_follow_seed_and_name(runs, test_clips):
    first = score([runs / "a"], test_clips, placement="random")
    np.testing.assert_allclose(score([runs / "a"], test_clips[::-1], placement="random")[::-1], first, atol=1e-6)
    assert np.abs(score([runs / "a"], test_clips, placement="random", seed=1) - first).max() > 1e-4


@pytest.fixture(scope="module")
def short_and_long(tmp_path_factory):
    """A clip of exactly one window of frames, and one of several."""
    folder, rng = tmp_path_factory.mktemp("lengths"), np.random.default_rng(0)
    for name, seconds in (("short", 0.5), ("long", 4.3)):
        sf.write(folder / f"{name}.wav", 0.1 * rng.standard_normal(int(seconds * 44100)), 44100)
    return [Clip(f"{name}.wav", str(folder / f"{name}.wav")) for name in ("short", "long")]


@pytest.mark.parametrize("run", ["a", "b"])
@pytest.mark.parametrize("how", [{"shared_trunk": True}, {"placement": "whole"}])
def test_a_clip_of_one_window_scores_the_same_in_every_way(runs, short_and_long, run, how):
    exact, other = (score([runs / run], short_and_long, **h) for h in ({}, how))
    np.testing.assert_allclose(other[0], exact[0], atol=1e-6)
    assert np.abs(other[1] - exact[1]).max() < 0.1


@pytest.mark.slow
def test_a_long_clip_has_its_windows_cut_from_the_picture(runs, short_and_long, monkeypatch):
    exact, shared = (score([runs / "a"], short_and_long, windows=16, shared_trunk=how)[1] for how in (False, True))
    assert np.abs(shared - exact).max() > 1e-5
    side_by_side = (score([runs / "a"], short_and_long, windows=4, shared_trunk=how) for how in (False, True))
    np.testing.assert_allclose(*side_by_side, atol=1e-6)
    monkeypatch.setattr(window_scoring, "LONG_SECONDS", 4.2)
    predictor = Predictor(models(runs / "a"), Prediction(**FLOAT, windows=16, shared_trunk=True, batch_size=5))
    np.testing.assert_allclose([clip.scores for clip in predictor(short_and_long)][1], exact, atol=1e-6)


def test_a_clip_that_is_too_long_to_be_seen_whole_is_seen_in_equal_parts(runs, short_and_long, monkeypatch, capfd):
    monkeypatch.setattr(window_scoring, "LONG_SECONDS", 1.5)
    group = models(runs / "a").groups[0]
    picture = draw_long(short_and_long[1].path, group.front_end)[1]
    parts = [part[None] for part in np.array_split(picture, 3, axis=1)]
    expected = np.mean([tf.sigmoid(network(part))[0] for network in group.networks for part in parts], axis=0)
    predictor = Predictor(models(runs / "a"), Prediction(**FLOAT, placement="whole"))
    np.testing.assert_allclose([clip.scores for clip in predictor(short_and_long)][1], expected, atol=1e-6)
    said = capfd.readouterr().err
    assert "long.wav is too long to be seen whole: 3 equal parts" in said and "short.wav" not in said


def test_windows_of_a_shared_trunk_move_with_the_sound(runs):
    group = models(runs / "a").groups[0]
    window = group.front_end.window_frames
    trunk = SharedTrunk(group.networks[0], window)
    assert trunk.grid == 4
    assert set(on_grid(np.arange(0, 11), trunk.grid, 10)) == {0, 4, 8}
    picture = np.random.default_rng(0).normal(-40, 20, (1, 64, window + 160, 1)).astype(np.float32)
    first = trunk(picture, tf.constant([96, 0, 104]))  # 48 frames away from the edges, further than a unit sees
    moved = trunk(picture[:, :, 48:], tf.constant([48, 0, 56]))
    np.testing.assert_allclose(moved[0], first[0], atol=1e-5)
    np.testing.assert_allclose(moved[2], first[2], atol=1e-5)
    assert np.abs(first[0] - first[2]).max() > 1e-3 and np.abs(first[1] - moved[1]).max() > 1e-3


def test_bfloat16_ranks_nearly_the_same(runs, synthetic):
    dataset = read_dataset(synthetic)
    truth, clips = dataset.targets(dataset.of("test")), find_clips([synthetic / "test.csv"])
    models = load_runs([runs / "a"], "mixed_bfloat16")
    half = np.stack([c.scores for c in Predictor(models, Prediction())(clips)])
    full = score([runs / "a"], clips)
    assert 0 < np.abs(half - full).max() < 0.05
    assert abs(overall_lwlrap(truth, half) - overall_lwlrap(truth, full)) < 0.05


@pytest.mark.slow
def test_long_clips_score_as_whole_ones(both, synthetic, tmp_path, monkeypatch):
    (tmp_path / "text.wav").write_text("no sound")
    clips = [*find_clips([synthetic / "test"])[:6], Clip("text.wav", str(tmp_path / "text.wav"))]
    whole = list(Predictor(both, Prediction(windows=4))(clips))
    monkeypatch.setattr(clip_pictures, "LONG_SECONDS", 1.0)
    drawn = []
    monkeypatch.setattr(clip_pictures, "draw_long", lambda path, _: drawn.append(path) or draw_long(path, _))
    by_blocks = list(Predictor(both, Prediction(windows=4))(clips))
    assert drawn
    for one, other in zip(by_blocks, whole, strict=True):
        assert (one.clip, one.error) == (other.clip, other.error)
        if not one.error:
            np.testing.assert_allclose(one.scores, other.scores, atol=1e-6)


def test_bad_files_have_an_error_and_harm_no_other(runs, test_clips, tmp_path):
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "empty.wav").touch()
    bad = [Clip(name, str(tmp_path / name)) for name in ("text.wav", "gone.wav", "empty.wav")]
    mixed = [bad[0], test_clips[0], bad[1], bad[2], test_clips[1]]
    results = list(Predictor(models(runs / "a"), Prediction(**FLOAT))(mixed))
    assert [result.clip for result in results] == mixed
    assert [bool(result.error) for result in results] == [True, False, True, True, False]
    assert "No such file" in results[2].error
    np.testing.assert_allclose(results[4].scores, score([runs / "a"], test_clips[1:2])[0], atol=1e-6)


class Watched(list):
    """A list that knows how far it was read."""

    reached = 0

    def __iter__(self):
        for self.reached, item in enumerate(super().__iter__(), start=1):
            yield item


def test_clips_are_read_as_they_are_needed(runs, test_clips):
    clips = Watched(test_clips[:4] * 100)
    scores = Predictor(models(runs / "a"), Prediction(batch_size=8, **FLOAT))(clips)
    next(scores)
    assert clips.reached < 60


@pytest.mark.parametrize("wrong", [{"windows": 0}, {"batch_size": 0}, {"placement": "x"}])
def test_settings_without_sense_are_refused(wrong):
    with pytest.raises(UserError, match="Prediction"):
        Prediction(**wrong)
    with pytest.raises(UserError, match="has none"):
        Prediction(placement="whole", shared_trunk=True)


def test_what_is_no_run_is_said(runs, tmp_path):
    with pytest.raises(UserError, match="is no run"):
        load_runs([tmp_path])
    assert not list(tmp_path.iterdir())
    (tmp_path / "labels.csv").write_text("index,label\n0,Bark\n1,Meow\n")
    with pytest.raises(UserError, match="no finished fold"):
        load_runs([tmp_path])
    (tmp_path / "fold_0").mkdir()
    (tmp_path / "fold_0" / "scores.npz").touch()
    whole = (runs / "a" / "fold_0" / "model.keras").read_bytes()
    for part in (b"", b"x", whole[: len(whole) // 2], whole[:-30]):
        (tmp_path / "fold_0" / "model.keras").write_bytes(part)
        with pytest.raises(UserError, match="cannot be read as a model: it is damaged or was not copied whole"):
            load_runs([tmp_path])

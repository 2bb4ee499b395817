"""The benchmarks run; what they measure is not judged here."""

import re
import sys

import pytest

from fat_tf import config
from fat_tf.benchmark.decoding import decoding
from fat_tf.benchmark.features import features
from fat_tf.benchmark.predict import predict
from fat_tf.benchmark.training import training, training_step
from fat_tf.errors import UserError

pytestmark = pytest.mark.slow

SMALL = ["WIDTH=2", "BATCH_SIZE=16", "FrontEnd.window_seconds=0.5", "Recipe.precision='float32'"]


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.setattr("fat_tf.benchmark.features.CLIPS", 2)
    monkeypatch.setattr("fat_tf.benchmark.features.SECONDS", 1)
    config.load(["m1.gin"], SMALL)
    return config.make("Recipe")


def test_features_beside_librosa(recipe):
    assert re.search(r"[\d,]+ times real time; librosa, 2 processes, [\d,]+; [\d.]+ times as fast", features(recipe))


def test_decoding_beside_libsndfile(monkeypatch):
    monkeypatch.setattr("fat_tf.benchmark.decoding.CLIPS", 2)
    monkeypatch.setattr("fat_tf.benchmark.decoding.SECONDS", 1)
    lines = decoding().splitlines()
    assert [line.split(":")[0] for line in lines] == ["WAV", "FLAC", "OGG", "MP3", "MP3 without a count"]
    assert all(re.search(r": [\d,]+ times real time; libsndfile, 1 thread, [\d,]+$", line) for line in lines)


def test_training_beside_its_bare_step(recipe, synthetic, cache_dir):
    assert re.search(
        r"training loop [\d.]+ clips/s, bare step [\d.]+; [\d.]+% of it", training(recipe, synthetic, cache_dir)
    )


def test_the_training_step_says_what_its_peer_needs(recipe):
    with pytest.raises(UserError, match="cannot run the PyTorch peer; it needs torch and numpy"):
        training_step(recipe, sys.executable)


def test_prediction_says_what_its_peer_needs(synthetic):
    config.load(["m1.gin"], [*SMALL, "FrontEnd.window_seconds=1.5"])
    with pytest.raises(UserError, match="cannot run the PyTorch peer; it needs torch and numpy"):
        predict(config.make("Recipe"), synthetic / "test", sys.executable)

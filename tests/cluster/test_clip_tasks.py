"""Log-mels and scores by tasks are those of one process, bit for bit."""

from importlib.util import find_spec

import joblib
import numpy as np
import pandas as pd
import pytest

from fat_tf import config
from fat_tf.cluster import clip_tasks, connection
from fat_tf.cluster.executor import RayExecutor
from fat_tf.data.cache import FeatureCache
from fat_tf.inference import predictor
from fat_tf.inference.clip_list import Clip, find_clips
from fat_tf.inference.predict_files import of_runs

lacks_ray = pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: pip install -e '.[cluster]'")
EACH = 8  # clips of a part here


@pytest.mark.parametrize("items, workers, sizes", [
    (0, 2, []),
    (5, 2, [5]),
    (17, 2, [16, 1]),
    (40, 2, [24, 16]),
    (800, 2, [128] * 6 + [32]),
])  # fmt: skip
def test_tasks_take_whole_parts_and_no_more_than_are_done_in_minutes(monkeypatch, items, workers, sizes):
    monkeypatch.setattr(clip_tasks, "PART", EACH)
    parts = clip_tasks.parts_of(range(items), workers)
    assert [len(part) for part in parts] == sizes and [item for part in parts for item in part] == list(range(items))


@pytest.mark.slow
@lacks_ray
def test_scores_and_pictures_of_tasks(runs, synthetic, tmp_path, monkeypatch):
    for module in (clip_tasks, predictor):
        monkeypatch.setattr(module, "PART", EACH)
    monkeypatch.setattr(clip_tasks, "at_once", lambda _: 2)
    clips = find_clips([synthetic / "test"])
    clips.insert(3, Clip("gone.wav", str(tmp_path / "gone.wav")))
    executor = RayExecutor(cpus=joblib.cpu_count())
    made_of = ([runs / "a"], ["predict.gin"], ["Prediction.precision='float32'"], False)
    with connection.connected(None):
        alone = of_runs(*made_of)
        by_tasks = list(clip_tasks.RayPredictor(alone, made_of, executor, tmp_path / "logs")(clips))
        config.load(["m1.gin"])
        front_end, paths = config.make("Recipe").front_end, [clip.path for clip in clips if clip.fname != "gone.wav"]
        add = clip_tasks.add_features(executor, str(tmp_path / "tasks"))
        shared, bad = FeatureCache(tmp_path / "tasks", front_end).ensure(paths, add)
    assert len(list((tmp_path / "logs").iterdir())) == 2 and not bad
    for score, expected in zip(by_tasks, alone(clips), strict=True):
        assert (score.clip, score.error) == (expected.clip, expected.error)
        np.testing.assert_array_equal(score.scores, expected.scores)
    own, _ = FeatureCache(tmp_path / "own", front_end).ensure(paths)
    pd.testing.assert_frame_equal(*(index.drop(columns=["shard", "shard_bytes"]) for index in (shared, own)))

"""`fat-tf trade_off` from two runs to its files."""

import numpy as np
import pandas as pd
import pytest

from fat_tf.benchmark import trade_off
from fat_tf.evaluation.candidates import find_candidates
from fat_tf.inference.clip_list import find_clips
from fat_tf.inference.predictor import Prediction, Predictor
from fat_tf.inference.run_models import load_fold


@pytest.mark.slow
def test_two_runs_in_every_precision(done, run_tiny, call, tmp_path, monkeypatch):
    run_tiny(tmp_path / "wide", "WIDTH=8", folds=[0])
    monkeypatch.setattr(
        trade_off, "resolve_precision", lambda precision: "mixed_bfloat16"
    )  # as a processor that has it
    said = call("trade_off", done, tmp_path / "wide", f"--output={tmp_path / 'curve'}")
    assert said.returncode == 0, said.stderr
    rows = pd.read_csv(tmp_path / "curve" / "trade_off.csv")
    assert list(rows["run"]) == [done.name] * 3 + ["wide"] * 3
    assert list(rows["precision"]) == ["float32", "bfloat16", "int8"] * 2
    judged = find_candidates([done, tmp_path / "wide"])
    for candidate, (_, of_run) in zip(judged.folds, rows.groupby("run", sort=False), strict=True):
        full, half, eight_bit = of_run.itertuples()
        assert {row.fold for row in (full, half, eight_bit)} == {candidate.fold}
        assert full.megabytes == pytest.approx(4e-6 * full.parameters) and half.megabytes < full.megabytes
        assert abs(half.lwlrap - full.lwlrap) < 0.1 and abs(eight_bit.lwlrap - full.lwlrap) < 0.1
        assert eight_bit.litert_megabytes > eight_bit.megabytes
    assert (rows["clips_per_second"] > 0).all() and rows["difference"][0] == 0
    assert all(row.precision in said.stdout for row in rows.itertuples())


@pytest.mark.slow
def test_a_fold_alone_scores_as_its_run_noted(done, synthetic):
    judged = find_candidates([done])
    (candidate,), files = judged.folds, [synthetic / "test" / fname for fname in judged.truth.fnames]
    models = load_fold(done, candidate.fold, "float32")
    scores = [scored.scores for scored in Predictor(models, Prediction(candidate.windows))(find_clips(files))]
    np.testing.assert_allclose(scores, candidate.scores, atol=0.01)  # the run scored float16 pictures

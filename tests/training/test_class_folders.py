"""A folder a class, one of them background, trained as it is."""

import json

import numpy as np
import pytest
import soundfile as sf

from fat_tf.data.tables import read_dataset
from fat_tf.errors import UserError
from fat_tf.training.run_data import fold_clips

RATE = 8000


@pytest.fixture
def folder(tmp_path):
    """Six clips of two classes each, and six of noise."""
    rng = np.random.default_rng(0)
    for number in range(18):
        kind = ("low", "high", "Background")[number % 3]
        time = np.arange(RATE) / RATE
        wave = {"low": np.sin(1500 * time), "high": np.sin(15000 * time)}.get(kind, rng.normal(0, 0.3, RATE))
        (tmp_path / "sounds" / kind).mkdir(parents=True, exist_ok=True)
        sf.write(tmp_path / "sounds" / kind / f"{number}.flac", 0.3 * wave, RATE)
    return tmp_path / "sounds"


@pytest.mark.slow
def test_background_is_trained_on_and_its_false_alarms_are_told(run_tiny, folder, tmp_path, capfd, call):
    run = tmp_path / "r"
    metrics = run_tiny(run, "assign_folds.count=2", "EPOCHS=1", data_dir=folder)
    assert list(metrics["per_class"]) == ["high", "low"] and metrics["background"]["clips"] == 6
    assert json.loads((run / "metrics.json").read_text())["background"] == metrics["background"]
    said = capfd.readouterr().out
    assert "Background 6 curated clips without a label" in said
    assert "False alarms in the background: " in said and " of 6 clips have a score above 0.5" in said
    scores = (run / "oof_scores.csv").read_text().splitlines()
    assert scores[0] == "fname,high,low" and len(scores) == 19
    report = json.loads(call("evaluate", f"--scores={run}", "--json").stdout)
    assert report["background"] == metrics["background"] and report["lwlrap"] == pytest.approx(metrics["lwlrap"])


def test_a_fold_of_background_alone_is_refused(folder):
    dataset = read_dataset(folder)
    with pytest.raises(UserError, match="Fold 1 has no clip with a label"):
        fold_clips(dataset, ("curated",), lambda clips, targets: (~targets.any(axis=1)).astype(int))

"""The power law of a learning curve against curves that are known, and what is said of it."""

import json
from dataclasses import replace
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
from fake_runs import make_judged_run

from fat_tf.evaluation import learning_curve
from fat_tf.evaluation.learning_curve import JudgedPoints, curve_figures, judge_points
from fat_tf.evaluation.learning_curve_text import curve_lines, write_curve
from fat_tf.evaluation.truth import read_truth
from fat_tf.metrics import Bootstrap
from fat_tf.training.learning_curve import CurvePoint

SHARES = [0.25, 0.5, 1.0]


def points(
    a: float, b: float, clips: int = 2000, noise: float = 0.0, draws: int = 4, shares=SHARES, seed: int = 0
) -> JudgedPoints:
    """Runs whose error is a n^-b on average; clips of one label are right or quite wrong."""
    rng = np.random.default_rng(seed)
    numbers = np.round(400 * np.array(shares))[:, None] + rng.integers(0, 5, (len(shares), draws))
    errors = a * numbers**-b * np.exp(noise * rng.standard_normal(numbers.shape))
    precision = np.repeat(1 - errors[..., None], clips, axis=-1)
    if clips < 2000:
        precision = (rng.random((1, 1, clips)) > errors[..., None]).astype(float)
    return JudgedPoints(list(shares), numbers, precision, np.ones(clips), "clips")


@pytest.mark.parametrize("a, b", [(3.0, 0.5), (0.9, 0.1), (0.4, 0.0)])
def test_a_power_law_is_found_as_it_is(a, b):
    figures = curve_figures(points(a, b), 400)
    assert figures.exponent == pytest.approx(b, abs=1e-9)
    assert figures.now == pytest.approx(1 - a * 400**-b) and figures.doubled == pytest.approx(1 - a * 800**-b)
    np.testing.assert_allclose(figures.gain_ci95, figures.gain, atol=1e-9)  # without noise nothing moves
    np.testing.assert_allclose(figures.line["lwlrap"], 1 - a * figures.line["clips"] ** -b)
    assert figures.line["clips"].iloc[-1] == pytest.approx(800)


def test_fit_equals_numpys_through_all_runs():
    judged = points(2.0, 0.4, noise=0.2, seed=3)
    slope, middle = np.polyfit(np.log(judged.clips.ravel()), np.log(1 - judged.lwlrap.ravel()), 1)
    figures = curve_figures(judged, 500)
    assert figures.exponent == pytest.approx(-slope)
    assert figures.doubled == pytest.approx(1 - np.exp(middle + slope * np.log(1000)))
    np.testing.assert_allclose(figures.table["lwlrap"], judged.lwlrap.mean(axis=1))


def test_interval_of_the_gain_holds_the_truth_about_as_often_as_it_says():
    a, b = 3.0, 0.4
    truth, held = a * 400**-b - a * 800**-b, 0
    for seed in range(40):
        low, high = curve_figures(points(a, b, clips=400, draws=5, seed=seed), 400, Bootstrap(300, seed)).gain_ci95
        held += low <= truth <= high
    assert held >= 33


def test_clips_and_draws_both_widen_the_interval():
    def width(**how) -> float:
        low, high = curve_figures(points(3.0, 0.4, **how), 400).gain_ci95
        return high - low

    assert width(noise=0.1) > 0.005 and width(clips=200) > 2 * width(clips=1900)
    assert width(noise=0.1, draws=1) < 1e-9  # one draw says nothing of others


def test_groups_of_clips_are_judged_whole(tmp_path, monkeypatch):
    make_judged_run(tmp_path / "run", {"curated": {f"{clip}.wav": "ab"[clip % 2] for clip in range(12)}}, signal=0.3)
    runs = [CurvePoint(1.0, 1, tmp_path / "run", 9)]
    of_clips = judge_points(runs)

    def in_groups(*given):
        table, truth = read_truth(*given)
        return table, replace(truth, groups=np.arange(12) // 4)

    monkeypatch.setattr(learning_curve, "read_truth", in_groups)
    of_groups = judge_points(runs)
    assert of_groups.labels.tolist() == [4, 4, 4] and of_groups.lwlrap == pytest.approx(of_clips.lwlrap)
    np.testing.assert_allclose(of_groups.precision, of_clips.precision.reshape(1, 1, 3, 4).sum(axis=-1))


def test_runs_without_an_error_have_a_curve_too():
    judged = points(3.0, 0.5)
    judged.precision[:] = 1.0
    figures = curve_figures(judged, 400)
    assert figures.gain == pytest.approx(0) and 0.999 < figures.doubled <= 1


@pytest.mark.parametrize("how, says", [
    ({"b": 0.5}, "Label more: twice as many training clips would gain 0.044 [0.044, 0.044] lwlrap"),
    ({"b": 0.02}, "More labels hardly pay: twice as many training clips would gain"),
    ({"b": 0.0}, "less than 0.01"),
    ({"b": 0.05, "clips": 150}, "The curve does not tell yet: twice as many training clips would gain"),
])  # fmt: skip
def test_answers(how, says):
    judged = points(**{"a": 3.0 if how["b"] > 0.1 else 0.5} | how)
    assert says in curve_lines(curve_figures(judged, 400), 4, 0.01)[-1]


def test_table_and_files_say_the_same(tmp_path):
    judged = points(3.0, 0.4, noise=0.05)
    figures = curve_figures(judged, 400)
    runs = [
        CurvePoint(share, draw, Path(f"share_{share:g}_{draw}"), judged.clips[place, draw - 1])
        for draw in range(1, 5)
        for place, share in enumerate(SHARES)
    ]
    picture = write_curve(tmp_path, runs, judged, figures, 0.01)
    lines, said = curve_lines(figures, 4, 0.01), json.loads((tmp_path / "learning_curve.json").read_text())
    for line, row in zip(lines[2:5], said["table"], strict=True):
        assert line.split()[:3] == [f"{row['share']:g}", f"{row['clips']:.0f}", f"{row['lwlrap']:.3f}"]
    assert said["answer"] == lines[-1] and said["gain"] == figures.gain
    rows = (tmp_path / "learning_curve.csv").read_text().splitlines()
    assert rows[0] == "share,draw,clips,run,lwlrap" and rows[3].startswith("1.0,1,") and len(rows) == 13
    assert matplotlib.image.imread(picture).std() > 0.05

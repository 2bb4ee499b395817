"""Figures, table and picture of what smaller and faster models cost."""

import math
from types import SimpleNamespace

import matplotlib.image
import numpy as np
import pandas as pd
import pytest

from fat_tf.benchmark.judged_sounds import find_sounds
from fat_tf.benchmark.trade_off import EIGHT_BIT, FULL, WINDOWS, Served, rows_of
from fat_tf.benchmark.trade_off_text import short_names, trade_off_lines, write_trade_off
from fat_tf.errors import UserError
from fat_tf.evaluation.truth import Truth
from fat_tf.metrics import bootstrap_interval, overall_lwlrap, paired_difference

RNG = np.random.default_rng(0)
TARGETS, GROUPS = RNG.random((60, 5)) < 0.3, np.arange(60) // 3
TRUTH = Truth(tuple(map(str, range(60))), TARGETS, groups=GROUPS)


def served(run: str, precision: str, noise: float, litert: float = math.nan) -> Served:
    scores = TARGETS + noise * RNG.random(TARGETS.shape)
    return Served(run, 2, precision, 1234, 4.0, 1.5, scores, (), litert)


ALL = [served("teacher", FULL, 2), served("teacher", EIGHT_BIT, 3, 2.5), served("small $x$", FULL, 4)]


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return rows_of(ALL, [4.0, 2.0, 0.25], TRUTH)


def test_each_is_beside_the_first(rows):
    assert list(rows["clips_per_second"]) == [WINDOWS / 4, WINDOWS / 2, WINDOWS * 4]
    assert list(rows["times_as_fast"]) == [1, 2, 16]
    for row, one in zip(rows.itertuples(), ALL, strict=True):
        assert row.lwlrap == overall_lwlrap(TARGETS, one.scores)
        assert (row.lwlrap_low, row.lwlrap_high) == bootstrap_interval(TARGETS, one.scores, groups=GROUPS)
        assert row.difference == pytest.approx(row.lwlrap - rows["lwlrap"][0])
        interval = paired_difference(TARGETS, one.scores, ALL[0].scores, groups=GROUPS)[1]
        assert (row.difference_low, row.difference_high) == interval
    assert rows["lwlrap"].is_monotonic_decreasing and rows["difference"][2] < 0


def test_a_score_that_is_perfect_but_for_rounding_is_drawn(rows, tmp_path):
    perfect = rows.assign(lwlrap=1 - 2**-53, lwlrap_low=1.0, lwlrap_high=np.nextafter(1, 0) - 2**-53)
    assert write_trade_off(tmp_path, perfect, "60 test clips").exists()


def test_names_are_as_short_as_tells_them_apart():
    assert short_names(["m3", "m3-beyond_curated-w16", "m3"]) == {
        "m3": "m3",
        "m3-beyond_curated-w16": "m3-beyond_curat…",
    }
    alike = ["m3-beyond_curated-w16", "m3-beyond_curated-w32-2"]
    assert short_names(alike) == {alike[0]: alike[0], alike[1]: "m3-beyond_curated-w3…"}


def test_table_and_files_say_the_same(rows, tmp_path):
    lines = trade_off_lines(rows, "60 test clips", 100)
    assert lines[0] == "teacher: fold 2, 1,234 parameters, windows of 4 s, 2.5 MB as a LiteRT file that takes sound"
    assert lines[1] == "small $x$: fold 2, 1,234 parameters, windows of 4 s"
    assert lines[2].startswith("lwlrap of 60 test clips [95 % bootstrap interval]; minus teacher in float32, paired")
    for line, row in zip(lines[-3:], rows.itertuples(), strict=True):
        assert line.startswith(row.run) and f" {row.precision} " in line and f" {row.lwlrap:.3f} [" in line
        assert f" {row.clips_per_second:.3g} " in line and (row.Index == 0 or f" {row.difference:.3f} [" in line)
    assert max(map(len, lines)) <= 100
    picture = write_trade_off(tmp_path, rows, "60 test clips")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "trade_off.csv"), rows)
    assert matplotlib.image.imread(picture).std() > 0.05
    assert "<svg" in (tmp_path / "trade_off.svg").read_text()


def test_sounds_that_are_gone_are_said_before_anything_is_measured(monkeypatch):
    monkeypatch.setattr(
        "fat_tf.benchmark.judged_sounds.ClipFiles",
        lambda run, audio: SimpleNamespace(find=lambda source, fname: {"a": "/sounds/a"}.get(fname)),
    )
    judged = SimpleNamespace(folds=[SimpleNamespace(run="a")], source="test", truth=Truth(("a", "b", "c"), TARGETS[:3]))
    with pytest.raises(UserError, match=r"2 of 3 sounds are not found: b, c\. --audio names the folder"):
        find_sounds(judged)
    judged.truth = Truth(("a",), TARGETS[:1])
    assert [(clip.fname, clip.path) for clip in find_sounds(judged)] == [("a", "/sounds/a")]

"""What a further clip costs, measured and computed."""

import re
from pathlib import Path

import pytest

from fat_tf import commands, config
from fat_tf.benchmark.scale import Step, as_table, scale, write_clips
from fat_tf.data import read_dataset
from fat_tf.errors import UserError


@pytest.mark.slow
def test_scale_measures_each_step_in_a_process_of_its_own():
    rows = [row.strip("| ").split(" | ") for row in scale([70], 5, ["scale.gin"], []).splitlines()]
    assert rows[0][1:] == ["70 clips"] and len(rows) == 10
    assert all(re.fullmatch(r"[\d.]+ s( \([\d.]+\)(, [\d.]+ GB)?)?", row[1]) for row in rows[2:])


@pytest.mark.slow
def test_scale_says_what_fails():
    with pytest.raises(UserError, match=r"(?s)^prepare fails: .*window_seconds"):
        scale([70], 5, ["scale.gin"], ["FrontEnd.window_seconds='x'"])


def test_a_further_clip_costs_the_slope_between_two_sizes():
    few = [Step("prepare", 9.0, 5.0, 1_000_000_000), Step("part", 1.0)]
    many = [Step("prepare", 99.0, 25.0, 1_500_000_000), Step("part", 1.25)]
    assert as_table({1000: few, 11000: many}).splitlines() == [
        "| s (of the processor), memory | 1,000 clips | 11,000 clips | ms a clip, 1,000 to 11,000 |",
        "| --- | --- | --- | --- |",
        "| prepare | 9.0 s (5.0), 1.00 GB | 99.0 s (25.0), 1.50 GB | 2.00 |",
        "| part | 1.0 s | 1.2 s |  |",
    ]


def test_the_clips_of_scale_are_a_data_set_whose_sounds_repeat(tmp_path):
    write_clips(tmp_path / "data", 70, 3)
    dataset = read_dataset(tmp_path / "data")
    assert len(dataset.clips) == 70 and dataset.vocabulary == ("class 0", "class 1", "class 2")
    assert set(dataset.clips["labels"].map(len)) == {1, 2}
    sounds = [Path(path).read_bytes() for path in dataset.clips["path"]]
    assert len(set(sounds)) == 64 and sounds[64:] == sounds[:6]


def test_sizing_multiplies_rates(capsys):
    params = [
        "Sizing.sets = (('mine', 7200000, 10.0, 100),)",
        "Sizing.times_real_time = 1000.0",
        "Sizing.picture_bytes = 5000.0",
        "Sizing.training = 40.0",
        "Sizing.scoring = 100.0",
    ]
    assert commands.run("benchmark", ["sizing", *(f"--gin_param={param}" for param in params)], "x") == 0
    *_, row = capsys.readouterr().out.splitlines()
    assert row.strip("| ").split(" | ") == [
        "mine: 7,200,000 clips of 10 s, 100 classes",
        *("20,000", "6,350", "360", "6.5", "20"),  # hours, WAV, pictures, scores and labels in GB, hours to prepare
        *("40", "542", "50"),  # hours an epoch of four fifths of the clips, days in all, hours to score
    ]
    config.load(["sizing.gin"], [])
    sets = config.make("Sizing").sets
    assert [clips for _, clips, _, _ in sets] == [25_000, 700_000, 2_000_000, 100_000_000]


@pytest.mark.parametrize("clips", ["0", "x", "1000,"])
def test_a_number_of_clips_that_is_none_is_a_line(capsys, clips):
    assert commands.run("benchmark", ["scale", f"--clips={clips}"], "x") == 2
    assert "--clips" in capsys.readouterr().err

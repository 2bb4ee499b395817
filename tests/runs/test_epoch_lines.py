"""An epoch as a line that fits."""

import pytest

from fat_tf.runs.epoch_lines import epoch_line, heading, shown_columns

ROW = {"epoch": 12_345, "lr": 1e-5, "loss": 123456.7, "val_loss": float("inf"), "lwlrap": 0.5, "val_lwlrap": 0.61}
ROW |= {"clips_per_second": 123456.7}


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 200])
def test_lines_fit_whatever_the_numbers(width):
    line = epoch_line(ROW, 12_345, True, (1e5, 1e7), width)
    above = heading(3, "a very long name of a stage, longer than any", width).splitlines()
    assert max(map(len, [line, *above[1:]])) <= min(width, 100) and len(above[0]) <= max(width, 48)
    assert len(line) == len(above[1]) and line.split()[0] == "12345/12345"


def test_what_matters_most_stays_in_a_narrow_terminal():
    assert shown_columns(40) == ["epoch", "val_lwlrap", "run left"]
    assert epoch_line(ROW, None, False, (None, 60.0), 40).split() == ["12345", "0.610", "0:01:00"]

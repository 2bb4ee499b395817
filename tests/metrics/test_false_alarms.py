"""False alarms: what scores above 0.5 in clips without a label."""

import numpy as np
import pytest

from fat_tf.metrics.false_alarms import false_alarms, false_alarms_in_words

CLASSES = ("Bark", "Meow", "Rain")


def test_background_clips_alone_are_counted():
    truth = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]])
    scores = np.array([[0.1, 0.9, 0.9], [0.5, 0.2, 0.1], [0.6, 0.1, 0.51], [0.1, 0.2, 0.9], [0.0, 0.0, 0.0]])
    said = false_alarms(truth, scores, CLASSES)["background"]
    assert said == {"clips": 4, "false_alarms": 0.5, "classes": {"Rain": 2, "Bark": 1}}
    assert false_alarms_in_words(said) == "2 of 4 clips have a score above 0.5 (50.0%): Rain 2, Bark 1"
    assert false_alarms_in_words(said, shown=1).endswith(": Rain 2 and 1 more")


def test_nothing_is_said_without_background_and_no_class_without_an_alarm():
    assert false_alarms(np.eye(3), np.ones((3, 3)), CLASSES) == {}
    said = false_alarms(np.zeros((2, 3)), np.zeros((2, 3)), CLASSES)["background"]
    assert said["classes"] == {} and said["false_alarms"] == pytest.approx(0)

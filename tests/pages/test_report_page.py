"""report.html: what it says is right, whatever names are it is text, and what is missing is said."""

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest
from markupsafe import Markup
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix

from fat_tf import commands
from fat_tf.pages import chart
from fat_tf.pages.report import clips, write
from fat_tf.pages.report.calibration import bins, expected_error
from fat_tf.pages.report.class_rows import class_rows
from fat_tf.pages.report.heat_map import confusion_chart
from fat_tf.pages.report.made_of import recipe_difference
from fat_tf.pages.report.run_view import read_run
from fat_tf.pages.report.write import write_new_reports, write_report
from fat_tf.runs.facts import RunFacts

pytestmark = pytest.mark.usefixtures("drawn_quickly")


class Page(HTMLParser):
    """Elements and texts of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.elements, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.elements)


@pytest.fixture
def drawn_quickly(monkeypatch):
    """Without what Matplotlib takes seconds for."""
    monkeypatch.setattr(chart, "_svg", lambda draw, size, salt: Markup("<svg></svg>"))


def page_of(run, **options) -> Page:
    return Page(write_report(run, **options).read_text("utf-8"))


@pytest.mark.parametrize("is_last, kept", [(False, "best"), (True, "last")])
def test_it_says_which_weights_are_kept(run, monkeypatch, is_last, kept):
    monkeypatch.setattr(RunFacts, "keeps_last_weights", is_last)
    assert f"The {kept} epoch's weights are kept" in "".join(page_of(run).texts)


def test_every_name_is_a_text_and_nothing_is_loaded(run):
    page = page_of(run)
    assert page.count("script") == 1 and any("<script>document" in text for text in page.texts)
    places = [attrs[name] for _, attrs in page.elements for name in ("src", "href", "xlink:href") if name in attrs]
    assert all(place.startswith(("data:", "#")) for place in places) and page.count("link") == 1
    assert not [text for text in re.findall(r"(?:url\(|@import)[^)]*", "".join(page.texts)) if "#" not in text]


def test_listed_clips_are_heard_unless_none_are_wanted(run):
    with_sounds, without = page_of(run), page_of(run, sounds="none")
    assert with_sounds.count("audio") == with_sounds.count("img") > 10
    assert without.count("audio") == without.count("img") == 0
    assert page_of(run, sounds="all").count("audio") >= with_sounds.count("audio")


def test_sounds_stop_where_the_page_would_be_too_large(run, monkeypatch):
    monkeypatch.setattr(write, "MOST_BYTES", 10_000)
    page = page_of(run)
    assert 0 < page.count("audio") < 10 and any("would be too large" in text for text in page.texts)


def test_moved_sounds_are_said_and_found_again(run):
    (run.parent / "data").rename(run.parent / "moved")
    page = page_of(run)
    assert page.count("audio") == 0 and any("is not where it was" in text for text in page.texts)
    for n in range(6):
        (run.parent / f"moved/sounds/{n}.wav").rename(run.parent / f"moved/t{n}.wav")
    assert page_of(run, audio=run.parent / "moved").count("audio") > 0


def test_a_damaged_model_leaves_the_rest(run, monkeypatch):
    monkeypatch.undo()  # there is no model.keras
    page = page_of(run)
    assert page.count("audio") == 0 and any("cannot be read as a model" in text for text in page.texts)


def test_what_is_no_finished_run_is_a_line(run, capsys):
    assert commands.run("report", [str(run.parent)], "fat-tf report") == 2
    (run / "metrics.json").unlink()
    assert commands.run("report", [str(run)], "fat-tf report") == 2
    assert commands.run("report", [str(run), "--sounds=few"], "fat-tf report") == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3 and all(line.startswith("Error: ") for line in lines)
    assert "finish that run first" in lines[1]


def test_another_run_is_compared_with(run):
    shutil.copytree(run, run.parent / "other")
    page = page_of(run, against=run.parent / "other", sounds="none")
    assert any("this run gains 0.000 [0.000, 0.000] over it" in text for text in page.texts)


def test_a_report_is_written_once_since_the_last_results(run, capsys):
    write_new_reports(run)
    write_new_reports(run)
    assert capsys.readouterr().out.count("Wrote") == 1
    (run / "metrics.json").write_text(json.dumps({"lwlrap": 0.5, "steps": [1], "seconds": 1.0}))
    (run / "fold_0" / "history.csv").unlink()
    (run / "report.html").unlink()
    write_new_reports(run)
    assert "Warning: no report" in capsys.readouterr().err


def test_clips_that_sound_the_same_are_told(run):
    assert not any("sound the same" in text for text in page_of(run, sounds="none").texts)
    (run / "same_sounds.csv").write_text(
        "fname,fold,same,same_source,same_fold\nc1.wav,0,<i>,noisy,-1\nc2.wav,0,c3.wav,curated,1\n"
    )
    texts = page_of(run, sounds="none").texts
    assert any(text.startswith("2 pairs of clips sound the same") for text in texts) and "<i>" in texts


def test_worst_clips_are_those_whose_labels_rank_lowest(run):
    judged = read_run(run).judged[0]
    shown = clips.worst(judged, 100).clips
    values = [float(clip.why.removeprefix("lwlrap ")) for clip in shown]
    assert values == sorted(values) and len(values) == (judged.precision < 1).sum()
    assert not {clip.fname for clip in shown} & {"b.wav", "</li>.wav"}  # background
    assert all(clip.start == 0.125 and clip.fold == 0 for clip in shown)


def test_surprising_clips_have_the_highest_scores_of_what_is_no_label(run):
    judged = read_run(run).judged[0]
    first = clips.surprising(judged).clips[0]
    tagged = judged.truth.targets.any(axis=1)
    highest = np.where(judged.truth.targets, 0, judged.table.scores)[tagged].max()
    assert max(score for _, score, is_label in first.top if not is_label) == highest


def test_confused_clips_are_of_the_pair(run):
    judged = read_run(run).judged[0]
    for found, pair in zip(clips.confused(judged), judged.report["confusions"], strict=False):
        assert len(found.clips) == min(pair["clips"], clips.OF_PAIR)
        assert all(pair["truth"] in clip.labels and clip.top[0][0] == pair["taken_for"] for clip in found.clips)


def test_false_alarms_are_clips_of_the_background(run):
    assert {clip.fname for clip in clips.alarms(read_run(run).judged[0]).clips} == {"b.wav", "</li>.wav"}


def test_calibration_equals_scikit_learn():
    rng = np.random.default_rng(0)
    scores = rng.random((400, 5))
    truth = rng.random((400, 5)) < scores**2
    rows = bins(truth, scores)
    share, mean = calibration_curve(truth.ravel(), scores.ravel(), n_bins=10)
    np.testing.assert_allclose([row[3:] for row in rows], np.stack([mean, share], axis=1))
    assert sum(row[2] for row in rows) == scores.size
    assert expected_error(bins(np.array([[1, 0]]), np.array([[0.75, 0.25]]))) == 0.25


def test_confusions_equal_scikit_learn_where_clips_have_one_label(run):
    judged = read_run(run).judged[1]
    matrix = confusion_matrix(judged.truth.targets.argmax(axis=1), judged.table.scores.argmax(axis=1), labels=range(6))
    names = judged.table.vocabulary
    wrong = {(names[i], names[j]): matrix[i, j] for i, j in np.argwhere(matrix) if i != j}
    assert {(row[0], row[1]): row[2] for row in confusion_chart(judged.report).rows} == wrong


def test_intervals_of_classes_hold_their_values(run):
    for row in class_rows(read_run(run).judged[0]):
        low, high = row.interval
        assert row.clips >= 3 and 0 < low <= row.lwlrap <= high <= 1


def test_the_recipe_is_told_as_what_differs(run):
    assert [(b.name, b.here, b.base) for b in recipe_difference(run)] == [
        ("EPOCHS", "3", "65"),
        ("m1.dropout_samples", "0", ""),
    ]


@pytest.mark.parametrize("source", ["curated", "test"])
def test_all_parts_of_the_page_have_headings(run, source):
    ids = [attrs["id"] for _, attrs in page_of(run, sounds="none").elements if attrs.get("id", "").startswith(source)]
    assert {f"{source}-classes", f"{source}-listen", f"{source}-worst"} <= set(ids)

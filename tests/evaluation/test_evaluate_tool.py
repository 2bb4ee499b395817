"""The command evaluate."""

import json
from pathlib import Path

import pytest

SCORES = "fname,Bark,Rain\na.wav,0.1,0.9\nb.wav,0.7,0.2\nc.wav,0.6,0.5\n"
TRUTH = "fname,labels,usage\nb.wav,Bark,Public\na.wav,Rain,Private\nc.wav,Rain,Private\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with a.csv, b.csv, which ranks c.wav rightly, and their truth.csv."""
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(SCORES)
    Path("b.csv").write_text(SCORES.replace("0.5", "0.65"))
    Path("truth.csv").write_text(TRUTH)


def test_json_is_one_object_with_all_that_the_text_has(tool):
    flags = ["--scores=a.csv", "--scores=b.csv", "--truth=truth.csv", "--json", "--plots=plots"]
    done = tool("evaluate", *flags)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {
        *("scores", "clips", "classes", "lwlrap", "lwlrap_ci95", "mean_average_precision", "accuracy", "accuracy_ci95"),
        *("roc_auc", "per_class", "confusions", "worst_clips", "usage", "comparisons"),
    }
    assert report["per_class"] == {"Bark": {"lwlrap": 1.0, "clips": 1}, "Rain": {"lwlrap": 0.75, "clips": 2}}
    assert report["comparisons"][0]["scores"] == "b.csv" and report["comparisons"][0]["lwlrap"] == 1
    assert len(list(Path("plots").glob("*.png"))) == 3


def test_how_intervals_are_found_is_configured(call):
    """More rounds or another seed move an interval of a few clips, and nothing else."""
    Path("a.csv").write_text("fname,Bark,Rain\n" + "".join(f"{n}.wav,{n % 7},{n % 5}\n" for n in range(40)))
    Path("truth.csv").write_text(
        "fname,labels\n" + "".join(f"{n}.wav,{'Bark' if n % 3 else 'Rain'}\n" for n in range(40))
    )
    flags = ["--scores=a.csv", "--truth=truth.csv", "--json"]
    few = "--gin_param=Bootstrap.rounds=150"
    settings = [], ["--gin_param=Bootstrap.rounds=2000"], [few], [few, "--gin_param=Bootstrap.seed=1"]
    said = [json.loads(call("evaluate", *flags, *one).stdout) for one in settings]
    intervals = [(*report.pop("lwlrap_ci95"), *report.pop("accuracy_ci95")) for report in said]
    assert intervals[0] == intervals[1] and len(set(intervals)) == 3
    assert all(report == said[0] for report in said)


def test_text_is_for_people_and_an_error_is_one_line(call):
    flags = ["--scores=a.csv", "--truth=truth.csv", "--plots=plots"]
    done = call("evaluate", *flags)
    assert "Rain taken for Bark 1 of 2" in done.stdout and "Public" in done.stdout
    assert done.stdout.endswith("\n\nPlots: plots/per_class.png, plots/confusions.png\n")
    Path("truth.csv").write_text("fname\na.wav\n")
    done = call("evaluate", *flags)
    assert done.returncode == 2 and done.stdout == "" and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("Error: truth.csv has no column labels")

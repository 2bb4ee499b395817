"""tools/evaluate.py as a program."""

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[2] / "tools" / "evaluate.py"
SCORES = "fname,Bark,Rain\na.wav,0.1,0.9\nb.wav,0.7,0.2\nc.wav,0.6,0.5\n"
TRUTH = "fname,labels,usage\nb.wav,Bark,Public\na.wav,Rain,Private\nc.wav,Rain,Private\n"


def test_json_is_one_object_with_all_that_the_text_has(tmp_path):
    (tmp_path / "a.csv").write_text(SCORES)
    (tmp_path / "b.csv").write_text(SCORES.replace("0.5", "0.65"))
    (tmp_path / "truth.csv").write_text(TRUTH)
    flags = ["--scores=a.csv", "--scores=b.csv", "--truth=truth.csv", "--json", "--plots=plots"]
    done = subprocess.run(
        [sys.executable, str(TOOL), *flags], capture_output=True, text=True, cwd=tmp_path, timeout=300
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert set(report) == {
        *("scores", "clips", "classes", "lwlrap", "lwlrap_ci95", "mean_average_precision", "accuracy", "accuracy_ci95"),
        *("roc_auc", "per_class", "confusions", "worst_clips", "usage", "comparisons"),
    }
    assert report["per_class"] == {"Bark": {"lwlrap": 1.0, "clips": 1}, "Rain": {"lwlrap": 0.75, "clips": 2}}
    assert report["comparisons"][0]["scores"] == "b.csv" and report["comparisons"][0]["lwlrap"] == 1
    assert len(list((tmp_path / "plots").glob("*.png"))) == 3


def test_text_is_for_people_and_an_error_is_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["evaluate.py", "--scores=a.csv", "--truth=truth.csv", "--plots=plots"])
    Path("a.csv").write_text(SCORES)
    Path("truth.csv").write_text(TRUTH)
    runpy.run_path(str(TOOL), run_name="__main__")
    said = capsys.readouterr().out
    assert "Rain taken for Bark 1 of 2" in said and "Public" in said
    assert said.endswith("\n\nPlots: plots/per_class.png, plots/confusions.png\n")
    Path("truth.csv").write_text("fname\na.wav\n")
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(TOOL), run_name="__main__")
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1
    assert err.startswith("Error: truth.csv has no column labels")

"""Runs as tables: those that compare stand together, at any width, whatever they are called."""

import csv
import io
from pathlib import Path

import pytest
from fake_runs import make_judged_run
from rich.cells import cell_len

LABELS = {"curated": {f"{i}.wav": ("Bark", "Rain", "Siren")[i % 3] for i in range(30)}, "test": {"t.wav": "Bark"}}
CORRECTED = {**LABELS, "curated": LABELS["curated"] | {"0.wav": "Rain"}}
RECIPE = {"class": "Recipe", "model": {"class": "m1", "parameters": 1000, "layers": "x"}, "stages": []}
ODD = ["[red]", "[/]", "🐕‍🦺 dog", "שלום", "x" * 200, "\x1b[31mred", "日本語の名前"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("list") / "runs"
    for name, labels, signal in (("weak", LABELS, 0.1), ("strong", LABELS, 2.0), ("nest/corrected", CORRECTED, 0.5)):
        make_judged_run(folder / name, labels, signal, recipe=RECIPE)
    make_judged_run(folder / "stopped", LABELS, recipe=RECIPE)
    (folder / "stopped" / "metrics.json").unlink()
    make_judged_run(folder / "broken", LABELS, recipe=RECIPE)
    (folder / "broken" / "metrics.json").write_text("{")
    return folder


def test_those_that_compare_stand_in_one_table_the_best_first(call, folder):
    done = call("runs", folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    names = [line.split()[0] for line in lines if line.startswith(("weak", "strong", "nest", "stopped", "broken"))]
    assert names == ["strong", "weak", "nest/corrected", "broken", "stopped"]
    assert lines[0].startswith("built-in set: 30 clips of 3 classes out of fold, 1 test clip. All: state finished")
    assert "the labels of 1 are not those in the table of strong" in " ".join(done.stdout.split())
    assert "\nWithout results" in done.stdout
    assert [line for line in lines if line.startswith("! ") and "broken/metrics.json" in line]


def test_the_order_is_chosen(call, folder):
    done = call("runs", folder, "--sort=name")
    names = [line.split()[0] for line in done.stdout.splitlines() if line.startswith(("weak", "strong"))]
    assert names == ["strong", "weak"]
    assert "choose from lwlrap, accuracy" in call("runs", folder, "--sort=size").stderr.replace("'", "")


@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_lines_fit_whatever_runs_and_classes_are_called(call, tmp_path, monkeypatch, width):
    for name in ODD:
        labels = {"curated": {f"{i}.wav": (name, "b")[i % 2] for i in range(8)}}
        make_judged_run(tmp_path / "runs" / name, labels, recipe=RECIPE | {"model": {**RECIPE["model"], "class": name}})
    monkeypatch.setattr("fat_tf.terminal.width_of", lambda: width)
    said = call("runs", tmp_path / "runs").stdout
    assert max(map(cell_len, said.splitlines())) <= width and said.isprintable() == ("\n" not in said)
    assert "\x1b" not in said and "\\x1b[31mred" in said and "[red]" in said and "[/]" in said
    a, b = (str(tmp_path / "runs" / name) for name in ("[red]", "[/]"))
    done = call("runs", a, a.replace("[red]", ODD[2]))
    assert done.returncode == 2 and "have different classes" in done.stderr, b


def test_csv_has_all_figures_of_every_run(call, folder):
    rows = {Path(row["run"]).name: row for row in csv.DictReader(io.StringIO(call("runs", folder, "--csv").stdout))}
    assert rows.keys() == {"weak", "strong", "corrected", "stopped", "broken"}
    assert rows["weak"]["judged"] == rows["strong"]["judged"] != rows["corrected"]["judged"]
    assert rows["strong"]["steps"] == "100.0" and float(rows["strong"]["test_lwlrap"]) == 1
    assert call("runs", folder / "weak", folder / "strong", "--csv").stdout.count("\n") == 3
    assert rows["stopped"]["lwlrap"] == "" and "damaged" in rows["broken"]["problem"]

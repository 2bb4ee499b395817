"""One run live: lines an epoch while a process works on it, and how it ended."""

import json
import threading
import time

import pytest
from fake_runs import make_judged_run

from fat_tf.errors import UserError
from fat_tf.files import write_text
from fat_tf.runs import follow as following
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.follow import follow, running_one
from fat_tf.runs.progress_file import ProgressNote, read_progress, write_progress

ROW = {"stage": "fit", "lr": 1e-3, "loss": 1.5, "val_loss": 1.6, "lwlrap": 0.5, "seconds": 1, "clips_per_second": 50}


def history(values: list[float]) -> str:
    rows = [{**ROW, "epoch": epoch, "val_lwlrap": value} for epoch, value in enumerate(values, start=1)]
    return "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]) + "\n"


@pytest.fixture
def run(tmp_path):
    make_judged_run(tmp_path / "runs" / "r", {"curated": {f"{i}.wav": "ab"[i % 2] for i in range(8)}})
    (tmp_path / "runs" / "r" / "fold_0" / "history.csv").write_text(history([0.2] * 15))
    return tmp_path / "runs" / "r"


def test_lines_follow_an_epoch_until_the_run_ends(run, capsys, monkeypatch):
    monkeypatch.setattr(following, "POLL", 0.02)
    write_progress(run, ProgressNote(2, 30.0, 60.0, {"fit": 17}))
    with RunDirectory(run).lock():
        thread = threading.Thread(target=follow, args=(run,))
        thread.start()
        time.sleep(0.3)
        write_text(run / "fold_0" / "history.csv", history([0.2] * 15 + [0.3]))
        time.sleep(0.3)
        write_text(run / "fold_0" / "history.csv", history([0.2] * 15 + [0.3, 0.25]))
    thread.join(timeout=10)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Fold 0, stage fit (* best val_lwlrap so far)" and lines[1].split()[0] == "epoch"
    epochs = [line.split()[0] for line in lines[2:-1]]
    assert epochs == [f"{n}/17" for n in range(6, 18)]  # the last ten of before, and each new one once
    assert "0.300*" in lines[-3] and "0.250 " in lines[-2] and lines[-2].split()[-1].startswith("0:00:")
    assert lines[-1].startswith(f"{run} is finished: lwlrap ") and max(map(len, lines[:-1])) <= 100


def test_a_run_that_stops_says_how_to_go_on(run, capsys):
    (run / "metrics.json").unlink()
    follow(run)
    said = capsys.readouterr().out
    assert "is interrupted. To go on, repeat the command that trained it, with the same --run_dir" in said


def test_a_damaged_history_is_said(run):
    (run / "fold_0" / "history.csv").write_text("epoch\n1\n")
    with pytest.raises(UserError, match=r"history\.csv is damaged"):
        follow(run)


def test_which_run_is_followed(run):
    make_judged_run(run.parent / "other", {"curated": {"a.wav": "a", "b.wav": "b"}})
    assert running_one([run], "x") == run
    with pytest.raises(UserError, match="No run below runs is being trained now"):
        running_one([run, run.parent / "other"], "runs")
    with RunDirectory(run).lock():
        assert running_one([run, run.parent / "other"], "runs") == run
        with RunDirectory(run.parent / "other").lock(), pytest.raises(UserError, match="Name the one to follow"):
            running_one([run, run.parent / "other"], "runs")


def test_what_a_note_says_of_the_time_left_runs_down(run):
    assert read_progress(run) is None
    write_progress(run, ProgressNote(3, None, 60.0, {}))
    assert 58 < read_progress(run).of_run <= 60 and read_progress(run).of_fold is None
    (run / "progress.json").write_text(json.dumps({"epochs_left": 1}))
    assert read_progress(run) is None


def test_ctrl_c_leaves_the_training_alone(run, call, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(following, "follow", interrupted)
    done = call("runs", run, "--follow")
    assert done.returncode == 0 and done.stdout == f"{run} goes on\n" and done.stderr == ""

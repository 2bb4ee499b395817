"""Runs with corrected labels: what they keep, and what they are refused."""

import pandas as pd
import pytest

from fat_tf.errors import UserError
from fat_tf.runs.run_labels import corrections_of


@pytest.mark.slow
def test_a_run_keeps_its_corrections_and_the_folds_of_the_run_before(done, run_tiny, tmp_path, capsys):
    before = pd.read_csv(done / "clips.csv", keep_default_na=False)
    moved, gone = before["fname"][before["source"] == "curated"].iloc[:2]
    other = next(name for name in before["labels"] if "," not in name and name not in before["labels"][0])
    (tmp_path / "fixed.csv").write_text(f"fname,labels,action\n{moved},{other},\n{gone},,drop\n")
    corrected = f"read_dataset.corrections = ({str(tmp_path / 'fixed.csv')!r},)"
    run = tmp_path / "r"
    run_tiny(run, corrected, "EPOCHS=1", folds=[0], folds_from=done)
    assert "Corrected  1 clip with other labels, 1 dropped: " in capsys.readouterr().out
    clips, old = (pd.read_csv(place / "clips.csv", index_col="fname")["labels"].to_dict() for place in (run, done))
    assert clips == {name: labels for name, labels in (old | {moved: other}).items() if name != gone}
    folds, old = (pd.read_csv(place / "folds.csv", index_col="fname")["fold"].to_dict() for place in (run, done))
    assert folds == {name: fold for name, fold in old.items() if name != gone}
    assert corrections_of(run) == run / "corrections.csv" and corrections_of(done) is None
    kept = f"read_dataset.corrections = ({str(run / 'corrections.csv')!r},)"
    assert run_tiny(run, kept, "EPOCHS=1", folds=[0], folds_from=done)["folds"]
    with pytest.raises(UserError, match=r"1 curated clips are new.*Give the data and the --corrections of then"):
        run_tiny(run, "EPOCHS=1", folds=[0], folds_from=done)

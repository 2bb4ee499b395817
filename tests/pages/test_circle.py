"""The whole walk: train, audit, listen and correct by keyboard in a browser, train again, compare."""

import csv
from pathlib import Path

import pandas as pd
import pytest
from browser import shown

TINY_GIN = Path(__file__).parents[1] / "training" / "tiny.gin"
TINY = ("WIDTH=2", "EPOCHS=1", "BATCH_SIZE=16", "FrontEnd.window_seconds=1.0", "Recipe.precision='float32'")


@pytest.fixture
def train(call, synthetic, cache_dir):
    """Trains folds 0 and 1 of one block on the small built-in set; gives what was said."""

    def run(place: Path, *flags: str) -> str:
        flags = [f"--gin_file={TINY_GIN}", *(f"--gin_param={param}" for param in TINY), "--folds=0,1", *flags]
        done = call("train", *flags, f"--data_dir={synthetic}", f"--cache_dir={cache_dir}", f"--run_dir={place}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def corrected_in(browser, folder: Path) -> Path:
    """labels_fixed.csv after two curated clips were heard: one gets or loses its top class, one is dropped."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.wait import WebDriverWait

    def press(key: str) -> None:
        ActionChains(browser).send_keys(key).perform()

    for key in ("1", "d"):
        while not shown(browser, "#why").text.startswith("curated"):
            press(Keys.ARROW_RIGHT)
        press(key)
        press(Keys.ARROW_RIGHT * (key == "1"))
    press("s")
    file = folder / "downloads" / "labels_fixed.csv"
    WebDriverWait(file, 20).until(lambda place: place.is_file())
    return file


@pytest.mark.slow
def test_labels_that_were_corrected_in_the_page_are_trained_on_and_compared(call, train, cache_dir, browser, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    assert " audit " in train(old)
    done = call("audit", old, f"--cache_dir={cache_dir}")
    assert done.returncode == 0, done.stderr
    browser.get((old / "audit" / "index.html").as_uri())
    fixed = corrected_in(browser, tmp_path)
    with open(fixed, encoding="utf-8", newline="") as opened:
        changed, dropped = csv.DictReader(opened)
    assert (changed["action"], dropped["action"]) == ("fix", "drop")
    said = train(new, f"--corrections={fixed}", f"--folds_from={old}")
    assert "Corrected  1 clip with other labels, 1 dropped: " in said
    before, now = (pd.read_csv(run / "clips.csv", keep_default_na=False).set_index("fname") for run in (old, new))
    assert set(before.index) - set(now.index) == {dropped["fname"]}
    other = now["labels"] != before["labels"].loc[now.index]
    assert list(now.index[other]) == [changed["fname"]]
    assert set(now["labels"][changed["fname"]].split(",")) == set(changed["labels"].split(","))
    folds = [pd.read_csv(run / "folds.csv", index_col="fname")["fold"] for run in (old, new)]
    assert (folds[1] == folds[0].loc[folds[1].index]).all()
    done = call("runs", old, new)
    assert done.returncode == 0 and "by the labels of B" in done.stdout

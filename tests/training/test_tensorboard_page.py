"""TensorBoard on a run, in a browser: every tab shows what it is there for, and nothing goes wrong.

    FAT_TF_SHOTS=FOLDER python -m pytest -n 0 -m slow tests/training/test_tensorboard_page.py

keeps a picture of each tab, to be looked at.
"""

import os
from pathlib import Path

import pandas as pd
import pytest
from browser import tensorboard
from selenium.webdriver.support.ui import WebDriverWait

pytestmark = pytest.mark.slow
PATIENCE = 90  # seconds
SCRIPT = "<script>document.title='hacked'</script>"
ODD = {"Bell": SCRIPT, "Buzz": "🐕 wow", "Clapping": "שלום", "Knock": 40 * "name " + "end", "Crackle": "a|b *c* `d`"}
FIND = """
const found = [];
const walk = root => root.querySelectorAll('*').forEach(element => {
  if (element.matches(arguments[0])) found.push(element.textContent || element.localName);
  if (element.shadowRoot) walk(element.shadowRoot);
});
walk(document);
return found;
"""
TABS = {  # what stands in each, by a selector and a text
    "timeseries": ("card-view", "classes/"),
    "scalars": ("tf-scalar-card", ""),
    "custom_scalars": ("tf-custom-scalar-multi-line-chart-card", ""),
    "images": ("img", ""),
    "audio": ("audio", ""),
    "graphs": ("g.node text", "scoring"),
    "text": ("td", SCRIPT),
    "pr_curves": ("tf-pr-curve-card", ""),
    "hparams": ("vaadin-grid-cell-content", "WIDTH"),
}


def found(browser, selector: str) -> list[str]:
    """Texts of elements, be they inside of others' shadows."""
    return browser.execute_script(FIND, selector)


def has(browser, selector: str, text: str) -> bool:
    return any(text in one for one in found(browser, selector))


def keep_picture(browser, name: str) -> None:
    if folder := os.environ.get("FAT_TF_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        browser.save_screenshot(str(Path(folder) / f"{name}.png"))


@pytest.fixture
def odd_run(run_tiny, synthetic, tmp_path):
    """Two runs of a data set with hostile class names, the second one of another width."""
    data = tmp_path / "data"
    data.mkdir()
    for name in ("train_curated", "test"):
        (data / name).symlink_to(synthetic / name)
        table = pd.read_csv(synthetic / f"{name}.csv")
        table["labels"] = [",".join(ODD.get(label, label) for label in cell.split(",")) for cell in table["labels"]]
        table.to_csv(data / f"{name}.csv", index=False)
    show = ("Board.share=1.0", f"Board.classes=({ODD['Buzz']!r},)")
    run_tiny(tmp_path / "runs" / "two", *show, data_dir=data)
    run_tiny(tmp_path / "runs" / "one", *show, "WIDTH=3", data_dir=data, folds=[0])
    return tmp_path / "runs"


def test_every_tab_shows_something_and_the_console_no_error(odd_run, browser):
    browser.implicitly_wait(0)
    with tensorboard(odd_run) as address:
        for name, (selector, text) in TABS.items():
            browser.get("about:blank")
            browser.get(f"{address}#{name}")
            WebDriverWait(browser, PATIENCE).until(lambda _, s=selector, t=text: has(browser, s, t), f"{name} is empty")
            browser.execute_async_script("setTimeout(arguments[0], 1500)")  # what comes after
            keep_picture(browser, name)
            assert browser.title == "TensorBoard", "a label was run as a script"
        severe = [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        assert not severe

"""The audit's page: what it tells of each clip, and that one can work on it by keyboard alone."""

import csv
import json
import re

import pandas as pd
import pytest
from browser import PHONE, complaints, is_wider_than_its_window, looked_at, serious_faults, shown, visited
from hostile_names import CLASSES, SCRIPT

from fat_tf.evaluation.run_audit import RunAudit
from fat_tf.pages.audit import write
from fat_tf.pages.audit.write import write_audit_page

COLUMNS = ("fname", "source", "labels", "doubt", "suggested", "top", "agreement", "duplicate_of", "start")
ROWS = [
    ("c0.wav", "curated", "Bark", "wrong", SCRIPT, f"{SCRIPT} 0.90, Bark 0.10, שלום 0.05", "2 of 2", "", 0.125),
    ("a,b\".wav", "noisy", "Bark,שלום", "missing", "Bark,שלום,🐕 emoji", "🐕 emoji 0.80, Bark 0.70", "1 of 2", "", 0.0),
    ("gone.wav", "noisy", SCRIPT, "none", "", "Bark 0.20, שלום 0.10, 🐕 emoji 0.00", "2 of 2", "", 0.0),
    ("same.wav", "noisy", "Bark", "fine", "Bark", "Bark 0.90, שלום 0.10, 🐕 emoji 0.00", "0 of 2", "c0.wav", 0.0),
    ("fine.wav", "noisy", "Bark", "fine", "Bark", "Bark 0.90, שלום 0.10, 🐕 emoji 0.00", "0 of 2", "", 0.0),
]  # fmt: skip


@pytest.fixture
def audit(run) -> RunAudit:
    """Of four doubtful clips and a fine one; the sound of one is gone."""
    table = pd.DataFrame(ROWS, columns=COLUMNS)
    table["path"] = [str(run.parent / f"data/sounds/{n}.wav") for n in (0, 1, 999, 2, 3)]
    table.insert(0, "rank", range(1, 6))
    return RunAudit(table, CLASSES, {"curated": "models", "noisy": "models"})


@pytest.fixture
def page(run, audit):
    return write_audit_page(run, audit, 10)


def told(page) -> dict:
    return json.loads(re.search(r'id="audit-data">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)[1])


def test_doubtful_clips_and_doubles_are_told_with_their_sounds(page):
    clips = told(page)["clips"]
    assert [clip["fname"] for clip in clips] == [row[0] for row in ROWS[:4]]
    assert clips[1]["labels"] == ["Bark", "שלום"] and clips[2]["suggested"] == []
    assert clips[0]["top"] == [[SCRIPT, 0.9], ["Bark", 0.1], ["שלום", 0.05]]
    assert "sounds like c0.wav" in clips[3]["why"]
    for clip in (clips[0], clips[1], clips[3]):
        assert all((page.parent / f"{clip['sound']}.{ending}").stat().st_size for ending in ("mp3", "png"))
    assert clips[2]["sound"] is None and "No such file" in clips[2]["without"]


def test_sounds_that_are_there_are_not_cut_again(run, audit, page, monkeypatch):
    monkeypatch.setattr(write.SoundCutter, "cut", lambda *_: pytest.fail("cut again"))
    audit.table.drop(index=2, inplace=True)
    assert write_audit_page(run, audit, 10) == page


@pytest.fixture
def opened(page, browser):
    browser.get(page.as_uri())
    return browser


@pytest.fixture
def press(opened):
    """Presses keys, wherever the focus is."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    def pressed(*keys: str) -> None:
        for key in keys:
            ActionChains(opened).send_keys(getattr(Keys, key, key)).perform()

    return pressed


def saved(tmp_path, press) -> list[dict[str, str]]:
    """labels_fixed.csv, as soon as it is there."""
    press("s")
    from selenium.webdriver.support.wait import WebDriverWait

    file = tmp_path / "downloads" / "labels_fixed.csv"
    WebDriverWait(file, 20).until(lambda place: place.is_file())
    with open(file, encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


@pytest.mark.slow
def test_labels_are_corrected_by_keyboard_alone_and_saved(opened, press, tmp_path):
    assert opened.title == "run: label audit"
    press("1")  # adds the first class
    press("2")  # takes Bark away
    assert shown(opened, "#state").text == f"Changed: Bark → {SCRIPT}."
    press("ARROW_RIGHT", "a", *"bArk", "ENTER", "d", "d", "u", "k")
    assert shown(opened, "#progress-text").text.startswith("3 of 4 decided")
    assert saved(tmp_path, press) == [
        {"fname": "c0.wav", "labels": SCRIPT, "source": "curated", "action": "fix"},
        {"fname": 'a,b".wav', "labels": "Bark,שלום", "source": "noisy", "action": "drop"},
        {"fname": "gone.wav", "labels": SCRIPT, "source": "noisy", "action": "keep"},
    ]
    assert not complaints(opened) and not visited(opened)


@pytest.mark.slow
def test_decisions_are_here_again_after_the_page_was_closed_and_from_a_file(opened, press, tmp_path):
    press("r", "d", "s")
    opened.refresh()
    assert shown(opened, "#state").text == "2 decisions of before are here again."
    before = saved(tmp_path, press)
    opened.execute_script("localStorage.clear()")
    opened.refresh()
    assert shown(opened, "#progress-text").text.startswith("0 of 4")
    shown(opened, "#load").send_keys(str(tmp_path / "downloads" / "labels_fixed.csv"))
    assert shown(opened, "#progress-text").text.startswith("2 of 4")
    (tmp_path / "downloads" / "labels_fixed.csv").unlink()
    assert saved(tmp_path, press) == before
    (tmp_path / "more.csv").write_text("fname,labels,source,action\nz/z.wav,Bark,noisy,fix\n")
    shown(opened, "#load").send_keys(str(tmp_path / "more.csv"))
    assert shown(opened, "#state").text.endswith("more.csv, 1 of them of clips that are not on this page.")
    (tmp_path / "downloads" / "labels_fixed.csv").unlink()
    of_another_page = {"fname": "z/z.wav", "labels": "Bark", "source": "noisy", "action": "fix"}
    assert saved(tmp_path, press) == [*before, of_another_page]
    (tmp_path / "other.csv").write_text("name,label\na,b\n")
    shown(opened, "#load").send_keys(str(tmp_path / "other.csv"))
    assert "was not saved by this page" in shown(opened, "#state").text


@pytest.mark.slow
def test_clips_are_filtered_and_classes_that_are_none_refused(opened, press):
    from selenium.webdriver.support.select import Select

    Select(shown(opened, "#by-doubt")).select_by_value("missing")
    assert [button.text.split("\n")[0] for button in opened.find_elements("css selector", "#list button")] == [
        'a,b".wav'
    ]
    Select(shown(opened, "#by-class")).select_by_value(SCRIPT)
    assert shown(opened, "#empty").is_displayed() and not shown(opened, "#card").is_displayed()
    Select(shown(opened, "#by-doubt")).select_by_value("")
    shown(opened, "#list button").click()
    press("a", *"Miaow", "ENTER")
    assert shown(opened, "#unknown").text == "There is no class Miaow."
    press("ESCAPE", "?")
    assert shown(opened, "#keys").is_displayed()


@pytest.mark.slow
def test_sounds_play_and_what_is_gone_is_said(opened, press):
    press(" ")
    opened.execute_async_script("setTimeout(arguments[0], 500)")
    assert opened.execute_script("return document.getElementById('player').currentTime") > 0
    press("ARROW_RIGHT", "ARROW_RIGHT")
    assert "No such file" in shown(opened, "#no-sound").text


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(opened, axe, press, scheme):
    with looked_at(opened, scheme=scheme):
        assert not serious_faults(opened, axe)
        press("?")
        assert not serious_faults(opened, axe)
        press("ESCAPE")
    with looked_at(opened, PHONE, scheme):
        assert not is_wider_than_its_window(opened) and not serious_faults(opened, axe)

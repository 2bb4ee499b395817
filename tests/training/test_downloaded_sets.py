"""Data sets in the form in which they are downloaded, made small, each trained by one command."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

RATE, CLASSES = 8000, ("dog_bark", "siren")


@pytest.fixture
def sound(tmp_path):
    """Writes a low or a high tone, for the first class or the second; arguments: place, class."""
    seeds = itertools.count()

    def write(place: str, label: str) -> None:
        file = tmp_path / "data" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(next(seeds)).normal(0, 0.1, RATE)
        tone = np.sin((1500 if label == CLASSES[0] else 15000) * np.arange(RATE) / RATE)
        sf.write(file, 0.3 * tone + noise, RATE, format="WAV")

    return write


def clips(count: int) -> list[tuple[int, str]]:
    """(number, class) of clips of both classes in turn."""
    return [(number, CLASSES[number % 2]) for number in range(count)]


def esc50(sound) -> dict[str, str]:
    rows = ["filename,fold,target,category,esc10,src_file,take"]
    for number, label in clips(20):
        fold = 1 + number // 4
        rows.append(f"{fold}-{number}-A-0.wav,{fold},0,{label},True,{number},A")
        sound(f"audio/{fold}-{number}-A-0.wav", label)
    return {"meta/esc50.csv": "\n".join(rows)}


def urbansound8k(sound) -> dict[str, str]:
    rows = ["slice_file_name,fsID,start,end,salience,fold,classID,class"]
    for number, label in clips(20):
        fold = 1 + number // 2
        rows.append(f"{number}-0-0-0.wav,{number},0.0,1.0,1,{fold},0,{label}")
        sound(f"audio/fold{fold}/{number}-0-0-0.wav", label)
    return {"metadata/UrbanSound8K.csv": "\n".join(rows)}


def fsd50k(sound) -> dict[str, str]:
    dev, evaluated = ["fname,labels,mids,split"], ["fname,labels,mids"]
    for number, label in clips(16):
        dev.append(f'{number},"{label},Sound","/m/1,/m/2",{"val" if number > 11 else "train"}')
        sound(f"FSD50K.dev_audio/{number}.wav", label)
    for number, label in clips(4):
        evaluated.append(f"{100 + number},{label},/m/1")
        sound(f"FSD50K.eval_audio/{100 + number}.wav", label)
    truth = "FSD50K.ground_truth"
    return {
        f"{truth}/dev.csv": "\n".join(dev),
        f"{truth}/eval.csv": "\n".join(evaluated),
        f"{truth}/vocabulary.csv": "0,Sound,/m/2\n1,dog_bark,/m/1\n2,siren,/m/3\n",
    }


def fsdkaggle2018(sound) -> dict[str, str]:
    rows = ["fname,label,manually_verified"]
    for number, label in clips(24):
        rows.append(f"{number:08x}.wav,{label},{int(number < 16)}")
        sound(f"audio_train/{number:08x}.wav", label)
    return {"train.csv": "\n".join(rows)}


@pytest.mark.slow
@pytest.mark.parametrize("made", [esc50, urbansound8k, fsd50k, fsdkaggle2018])
def test_a_downloaded_set_is_trained_by_one_command(made, sound, tmp_path, call):
    for name, table in made(sound).items():
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text(table + "\n", "utf-8")
    settings = ["WIDTH=2", "EPOCHS=2", "BATCH_SIZE=8", "FrontEnd.window_seconds=0.5", "Recipe.precision='float32'"]
    done = call(
        "train",
        f"--gin_file={Path(__file__).with_name('tiny.gin')}",
        *(f"--gin_param={setting}" for setting in settings),
        f"--data_dir={tmp_path / 'data'}",
        f"--run_dir={tmp_path / 'r'}",
        f"--cache_dir={tmp_path / 'cache'}",
        "--folds=1",
    )
    assert done.returncode == 0, done.stderr
    metrics = json.loads((tmp_path / "r" / "metrics.json").read_text("utf-8"))
    assert set(CLASSES) <= set(metrics["per_class"]) and 0 < metrics["lwlrap"] <= 1

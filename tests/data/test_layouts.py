"""Each known layout, small, in the form in which its data set is documented and downloaded."""

import json

import pytest

from fat_tf.data import read_dataset
from fat_tf.data.fold_assignment import assign_folds
from fat_tf.errors import UserError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def fill(folder, tables: dict[str, str], sounds: list[str]) -> None:
    for name, text in tables.items() | dict.fromkeys(sounds, "").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def column(dataset, source: str, name: str) -> list:
    return list(dataset.of(source)[name])


ESC50 = """filename,fold,target,category,esc10,src_file,take
1-100032-A-0.wav,1,0,dog,True,100032,A
1-110389-A-0.wav,1,0,dog,True,110389,A
2-102581-A-29.wav,2,29,drinking_sipping,False,102581,A
2-102581-B-29.wav,2,29,drinking_sipping,False,102581,B
"""


def test_esc50(folder):
    names = [line.split(",")[0] for line in ESC50.splitlines()[1:]]
    fill(folder, {"meta/esc50.csv": ESC50, "README.md": ""}, [f"audio/{name}" for name in names])
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("dog", "drinking_sipping") and column(dataset, "curated", "fname") == names
    assert column(dataset, "curated", "labels") == [("dog",), ("dog",), ("drinking_sipping",), ("drinking_sipping",)]
    assert list(assign_folds(dataset.clips, dataset.targets(dataset.clips))) == [0, 0, 1, 1]
    assert column(dataset, "curated", "group") == ["100032", "110389", "102581", "102581"]


URBAN = """slice_file_name,fsID,start,end,salience,fold,classID,class
100032-3-0-0.wav,100032,0.0,0.317551,1,5,3,dog_bark
100263-2-0-117.wav,100263,58.5,62.5,1,5,2,children_playing
100648-1-0-0.wav,100648,4.823402,5.471927,2,10,1,car_horn
"""


def test_urbansound8k(folder):
    sounds = ["fold5/100032-3-0-0.wav", "fold5/100263-2-0-117.wav", "fold10/100648-1-0-0.wav"]
    fill(folder, {"metadata/UrbanSound8K.csv": URBAN}, [f"audio/{name}" for name in sounds] + ["audio/.DS_Store"])
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("car_horn", "children_playing", "dog_bark")
    assert column(dataset, "curated", "path") == [str(folder / "audio" / name) for name in sounds]
    assert column(dataset, "curated", "fold") == ["5", "5", "10"]
    assert column(dataset, "curated", "group") == ["100032", "100263", "100648"]


def fsd50k(folder) -> None:
    truth = "FSD50K.ground_truth"
    tables = {
        f"{truth}/dev.csv": 'fname,labels,mids,split\n64760,"Bark,Dog,Animal","/m/1,/m/2,/m/3",train\n'
                            "16399,Rain,/m/4,train\n16401,Rain,/m/4,val\n",
        f"{truth}/eval.csv": "fname,labels,mids\n37199,Rain,/m/4\n",
        f"{truth}/vocabulary.csv": "0,Animal,/m/3\n1,Bark,/m/1\n2,Dog,/m/2\n3,Rain,/m/4\n",
        f"{truth}/README.md": "",
    }  # fmt: skip
    sounds = [f"FSD50K.dev_audio/{name}.wav" for name in (64760, 16399, 16401)]
    fill(folder, tables, [*sounds, "FSD50K.eval_audio/37199.wav"])


def test_fsd50k(folder, capsys):
    fsd50k(folder)
    clips = {"64760": {"title": "a", "uploader": "tom"}, "16399": {"title": "b", "uploader": "tom"}}
    fill(folder, {"FSD50K.metadata/dev_clips_info_FSD50K.json": json.dumps(clips)}, [])
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("Animal", "Bark", "Dog", "Rain")
    assert column(dataset, "curated", "labels") == [("Bark", "Dog", "Animal"), ("Rain",), ("Rain",)]
    assert column(dataset, "curated", "path")[0] == str(folder / "FSD50K.dev_audio" / "64760.wav")
    assert column(dataset, "curated", "group") == ["tom", "tom", ""]
    assert column(dataset, "test", "fname") == ["37199"] and column(dataset, "test", "labels") == [("Rain",)]
    curated = dataset.of("curated")
    assert list(assign_folds(curated, dataset.targets(curated))) == [0, 0, 1]
    assert "Fold 1 trains on train and is judged by val" in capsys.readouterr().err


def test_fsd50k_without_what_is_optional(folder, capsys):
    fsd50k(folder)
    (folder / "FSD50K.eval_audio" / "37199.wav").unlink()
    (folder / "FSD50K.eval_audio").rmdir()
    dataset = read_dataset(folder)
    assert len(dataset.clips) == 3 and column(dataset, "curated", "group") == [None] * 3
    assert "No test clips: there is a table of them, and no folder" in capsys.readouterr().err
    fill(folder, {"FSD50K.metadata/dev_clips_info_FSD50K.json": "[1"}, [])
    with pytest.raises(UserError, match=r"dev_clips_info_FSD50K\.json is damaged"):
        read_dataset(folder)


def test_fsdkaggle2018_of_zenodo(folder):
    train = "fname,label,manually_verified,freesound_id,license\na.wav,Hi-hat,0,1,CC\nb.wav,Saxophone,1,2,CC\n" \
            "c.wav,Hi-hat,1,3,CC\n"  # fmt: skip
    test = "fname,label,usage,freesound_id,license\nt.wav,Saxophone,Public,4,CC\n"
    meta = "FSDKaggle2018.meta"
    tables = {f"{meta}/train_post_competition.csv": train, f"{meta}/test_post_competition_scoring_clips.csv": test}
    audio = [f"FSDKaggle2018.audio_train/{name}.wav" for name in "abc"]
    fill(folder, tables, [*audio, "FSDKaggle2018.audio_test/t.wav"])
    dataset = read_dataset(folder)
    assert column(dataset, "curated", "fname") == ["b.wav", "c.wav"] and column(dataset, "noisy", "fname") == ["a.wav"]
    assert dataset.vocabulary == ("Hi-hat", "Saxophone")
    assert column(dataset, "test", "labels") == [("Saxophone",)] and column(dataset, "test", "usage") == ["Public"]
    (folder / audio[1]).unlink()
    with pytest.raises(UserError, match=r"train_post_competition.csv lists 1 files .* b.wav \(line 3\)"):
        read_dataset(folder)


def test_fsdkaggle2018_of_kaggle(folder):
    tables = {
        "train.csv": "fname,label,manually_verified\na.wav,Hi-hat,0\nb.wav,Saxophone,1\n",
        "sample_submission.csv": "fname,label\nt.wav,Laughter Hi-Hat Flute\n",
    }
    fill(folder, tables, ["audio_train/a.wav", "audio_train/b.wav", "audio_test/t.wav"])
    dataset = read_dataset(folder)
    assert list(dataset.clips["source"]) == ["curated", "noisy", "test"]
    assert dataset.vocabulary == ("Hi-hat", "Saxophone") and column(dataset, "test", "labels") == [()]


def test_class_folders(folder, capsys):
    sounds = ["Bäcker/a.wav", "dog/b.mp3", "dog/deep/c.OGG", "Noise/d.wav", "silence/e.wav", "dog/._b.mp3"]
    fill(folder, {"dog/notes.txt": "", "pictures/x.jpg": ""}, sounds)
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("Bäcker", "dog")
    labels = dict(dataset.clips[["fname", "labels"]].itertuples(index=False))
    assert labels == {"Bäcker/a.wav": ("Bäcker",), "dog/b.mp3": ("dog",), "dog/deep/c.OGG": ("dog",),
                      "Noise/d.wav": (), "silence/e.wav": ()}  # fmt: skip
    assert "Left out 2 files that are no sounds: 1 .txt, 1 .jpg" in capsys.readouterr().err


def test_class_folders_below_train_and_test(folder):
    fill(folder, {}, ["Train/dog/a.wav", "Train/cat/b.wav", "val/dog/a.wav", "test/dog/a.wav", "test/noise/b.wav"])
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("cat", "dog")
    assert column(dataset, "curated", "fname") == ["Train/cat/b.wav", "Train/dog/a.wav", "val/dog/a.wav"]
    assert column(dataset, "curated", "labels") == [("cat",), ("dog",), ("dog",)]
    assert column(dataset, "test", "labels") == [("dog",), ()]


@pytest.mark.parametrize("train, test", [("training", "testing"), ("train", "eval"), ("Train", "Evaluation")])
def test_parts_of_a_set_have_other_names_too(folder, train, test):
    fill(folder, {}, [f"{train}/dog/a.wav", f"{train}/cat/b.wav", f"{test}/dog/a.wav", "dev/cat/c.wav"])
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("cat", "dog") and column(dataset, "test", "labels") == [("dog",)]
    assert len(column(dataset, "curated", "labels")) == 3


def test_train_and_test_may_be_classes(folder):
    fill(folder, {}, ["train/a.wav", "bus/b.wav"])
    assert read_dataset(folder).vocabulary == ("bus", "train")


@pytest.mark.parametrize("sounds, message", [
    (["dog/a.wav", "b.wav", "cat/c.wav"], "sounds that lie in none: b.wav. Move them into one"),
    (["Dog, barking/a.wav", "cat/b.wav"], "Class folder 'Dog, barking' has a comma"),
    (["dog/a.wav"], r"One class alone \(dog\)"),
    (["audio/dog/a.wav", "audio/cat/b.wav"], "if those in it are the classes, --data_dir=.*/data/audio"),
    (["train/dog/a.wav", "test/cat/b.wav", "x/c.wav"], "has test, train, with folders in them, and x: a set in parts"),
    (["val/dog/a.wav", "test/cat/b.wav"], "has test, val, with folders in them, and no train: a set in parts is"),
    (["train/dog/a.wav", "train/b.wav"], "sounds that lie in none: train/b.wav"),
    (["noise/a.wav", "other/b.wav"], "data: no clip has a label"),
    (["a.wav"], "it has no CSV and no such folders"),
])  # fmt: skip
def test_what_is_wrong_with_class_folders_is_said(folder, sounds, message):
    fill(folder, {}, sounds)
    with pytest.raises(UserError, match=message):
        read_dataset(folder)


def test_a_table_with_other_columns_hides_class_folders_and_says_so(folder):
    fill(folder, {"features.csv": "file,mean\n"}, ["dog/a.wav", "cat/b.wav"])
    with pytest.raises(UserError, match=r"features.csv with the columns file, mean\. Rename .* move the CSV away"):
        read_dataset(folder)


def test_listed_sounds_may_lie_below_and_be_written_freely(folder, capsys):
    table = "fname;labels\na;1\n./dog/b.wav;NA\ncat\\c;None\n"
    fill(
        folder,
        {"sounds.csv": table, "audio/dog/notes.txt": "", "audio/old.csv": ""},
        ["audio/deep/a.wav", "audio/dog/b.wav", "audio/cat/c.flac"],
    )
    dataset = read_dataset(folder)
    assert dataset.vocabulary == ("1", "NA", "None") and list(dataset.clips["fname"]) == ["a", "./dog/b.wav", "cat\\c"]
    assert capsys.readouterr().err == "Left out 1 file that is no sound: 1 .txt\n"
    fill(folder, {}, ["audio/dog/new.wav"])
    with pytest.raises(UserError, match=r"1 sound files that sounds\.csv does not list: dog/new\.wav"):
        read_dataset(folder)


def test_a_table_may_be_a_tsv(folder):
    fill(folder, {"Sounds.TSV": "fname\tlabels\na.wav\tDog\nb.wav\tCat, Dog\n"}, ["a.wav", "b.wav"])
    assert column(read_dataset(folder), "curated", "labels") == [("Dog",), ("Cat", "Dog")]


def test_a_link_to_a_folder_of_sounds(folder, tmp_path):
    fill(tmp_path / "store", {}, ["dog/a.wav", "cat/b.wav"])
    fill(folder, {"sounds.csv": "fname,labels\na.wav,dog\nb.wav,cat\n"}, [])
    (folder / "audio").symlink_to(tmp_path / "store")
    (tmp_path / "link").symlink_to(tmp_path / "store")
    assert len(read_dataset(folder).clips) == len(read_dataset(tmp_path / "link").clips) == 2


@pytest.mark.parametrize(
    "header, says", [("fname,1,NA,", "column 4: an empty class"), ("file,1,NA", "no column fname")]
)
def test_a_submission_with_a_wrong_header_is_one_line(folder, header, says):
    tables = {"train_curated.csv": "fname,labels\na.wav,1\n", "sample_submission.csv": f"{header}\n"}
    fill(folder, {"test.csv": "fname\nb.wav\n"} | tables, ["train_curated/a.wav", "test/b.wav"])
    with pytest.raises(UserError, match=f"sample_submission.csv.* {says}") as raised:
        read_dataset(folder)
    assert "\n" not in raised.value.message

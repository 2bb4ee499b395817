"""What members and blends are worth on scores of the competition, which FAT_TF_SHARED_DATA finds (docs/figures.md)."""

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from fat_tf import config
from fat_tf.blending.blend import FITTED
from fat_tf.blending.inputs import BlendInputs, JudgedMembers, read_members
from fat_tf.blending.rules import RULES, Known
from fat_tf.metrics import overall_lwlrap, paired_difference

PLACE = os.environ.get("FAT_TF_SHARED_DATA")
pytestmark = pytest.mark.skipif(
    not PLACE, reason="needs FAT_TF_SHARED_DATA, a folder with fsd2019_tables/: real score files and their truth"
)


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> JudgedMembers:
    """Three submissions, for the 1,120 public test clips."""
    tables, folder, files = Path(PLACE, "fsd2019_tables"), tmp_path_factory.mktemp("real"), []
    for packed in sorted(tables.glob("public_scores_*.csv.gz")):
        files.append(folder / packed.stem)
        files[-1].write_bytes(gzip.decompress(packed.read_bytes()))
    inputs = BlendInputs(list(map(str, files)), truth=str(tables / "test_post_competition.csv"))
    return inputs.read_judged(read_members(files), fitted=False)


def test_members_are_worth_what_scikit_learn_says(real):
    from sklearn.metrics import label_ranking_average_precision_score

    each = [overall_lwlrap(real.truth.targets, scores) for scores in real.members.scores]
    labels = real.truth.targets.sum(axis=1)
    expected = [
        label_ranking_average_precision_score(real.truth.targets, scores, sample_weight=labels)
        for scores in real.members.scores
    ]
    np.testing.assert_allclose(each, expected, rtol=1e-12)
    np.testing.assert_allclose(each, [0.55516, 0.55469, 0.56507], atol=5e-6)


@pytest.mark.parametrize("rule, lwlrap", [("mean", 0.572), ("gmean", 0.570), ("rank", 0.542), ("minmax", 0.511)])
def test_blends_of_a_rule(real, rule, lwlrap):
    blend = Known(RULES[rule]).fit(real.members.scores)(real.members.scores)
    assert overall_lwlrap(real.truth.targets, blend) == pytest.approx(lwlrap, abs=5e-4)


def test_the_plain_mean_beats_every_member_and_minmax_loses_to_each(real):
    members = real.members.scores
    mean, minmax = (Known(RULES[rule]).fit(members)(members) for rule in ("mean", "minmax"))
    for scores in members:
        assert paired_difference(real.truth.targets, mean, scores)[1][0] > -1e-3
        assert paired_difference(real.truth.targets, minmax, scores)[1][1] < 0


@pytest.mark.slow
@pytest.mark.parametrize("method, lwlrap", [
    ("optimize", 0.570), ("greedy", 0.569), ("decorrelate", 0.572), ("stack", 0.533)
])  # fmt: skip
def test_fitted_blends_by_cross_validation(real, method, lwlrap):
    config.load(["blend.gin"])
    chosen, validation = config.make(FITTED[method].__name__), config.make("CrossValidation")
    scores = validation.scores(chosen, real.members.scores, real.truth.targets)
    assert overall_lwlrap(real.truth.targets, scores) == pytest.approx(lwlrap, abs=5e-4)

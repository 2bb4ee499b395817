"""Which networks can share a trunk, and on which grid windows start."""

import keras
import numpy as np
import pytest
from keras import layers

from fat_tf.audio import FrontEnd, LogMel
from fat_tf.errors import UserError
from fat_tf.inference.run_models import Group
from fat_tf.inference.shared_trunk import SharedTrunk
from fat_tf.inference.window_scoring import SharedTrunkScorer, WholeClipScorer
from fat_tf.layers import Normalisation
from fat_tf.models.scoring import for_pictures

FRONT_END = FrontEnd(LogMel(sample_rate=8000, fmax=4000.0, n_fft=256, hop_length=100, n_mels=8), window_seconds=0.5875)
FRAMES = 48


def network(pool: int, *after, strides: int = 1):
    picture = keras.Input(FRONT_END.picture_shape)
    x = layers.Conv2D(3, 3, strides, padding="same", activation="relu")(picture)
    x = layers.AveragePooling2D((1, pool))(x) if pool else x
    for layer in after or [layers.GlobalMaxPooling2D(), layers.Dense(2)]:
        x = layer(x)
    own = keras.Model(picture, x, name="own")
    return for_pictures(Normalisation(-40, 20), own, "float32", FRONT_END.picture_shape)


def test_the_order_of_networks_changes_no_score():
    assert FRONT_END.picture_shape == (8, FRAMES, 1)
    coarse, fine = network(6), network(4)
    assert (SharedTrunk(coarse, FRAMES).grid, SharedTrunk(fine, FRAMES).grid) == (6, 4)
    pictures = [np.random.default_rng(0).normal(-40, 20, (8, 200, 1)).astype(np.float32)]
    scorers = [SharedTrunkScorer(Group(FRONT_END, pair, [0.5, 0.5]), "regular", 9, 0, 64)
               for pair in ([coarse, fine], [fine, coarse])]  # fmt: skip
    first, second = (scorer(["a"], pictures) for scorer in scorers)
    np.testing.assert_allclose(first, second, atol=1e-12)


CANNOT = {
    "nested": ((2, keras.Sequential([layers.GlobalMaxPooling2D(), layers.Dense(2)])), "or does so inside of another"),
    "flatten": ((2, layers.Flatten(), layers.Dense(2)), "own takes pictures of 48 frames alone"),
    "no grid": (
        (0, layers.Conv2D(2, (3, 11)), layers.GlobalMaxPooling2D(), layers.Dense(2)),
        "48 frames make maps of .38. columns, which are on no grid",
    ),
}


@pytest.mark.parametrize("arguments, message", CANNOT.values(), ids=CANNOT)
def test_a_network_without_a_trunk_is_a_line(arguments, message):
    with pytest.raises(UserError, match=message) as raised:
        SharedTrunk(network(*arguments), FRAMES)
    assert "\n" not in raised.value.message


@pytest.mark.parametrize("gated, message", [(True, "maps depend on a pooling"), (False, "head sees more")])
def test_a_graph_that_cannot_be_divided_is_a_line(gated, message):
    picture = keras.Input(FRONT_END.picture_shape)
    maps = layers.Conv2D(2, 3, padding="same")(picture)
    pooled = layers.GlobalAveragePooling2D(keepdims=True)(maps)
    x = layers.GlobalMaxPooling2D()(pooled * maps) if gated else keras.ops.max(maps, (1, 2)) + pooled[:, 0, 0]
    own = keras.Model(picture, layers.Dense(2)(x), name="own")
    with pytest.raises(UserError, match=f"own has no trunk to share: its {message}"):
        SharedTrunk(for_pictures(Normalisation(-40, 20), own, "float32", FRONT_END.picture_shape), FRAMES)


def test_whole_clips_for_a_model_of_one_width_are_a_line():
    flat = network(2, layers.Flatten(), layers.Dense(2))
    with pytest.raises(UserError, match="own takes pictures of 48 frames alone, so neither whole clips"):
        WholeClipScorer(Group(FRONT_END, [flat], [1.0]))

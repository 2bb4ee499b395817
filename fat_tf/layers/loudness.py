"""How loud waveforms are."""

from keras import ops

SILENCE = 1e-12  # mean square of a sound that none is as loud as


def mean_square(x):
    """(batch, 1) of waveforms (batch, samples), never 0."""
    return ops.maximum(ops.mean(ops.square(x), axis=1, keepdims=True), SILENCE)

"""Layers that Keras does not have."""

from fat_tf.layers.batch_norm import BatchNormalization
from fat_tf.layers.concat_pooling import ConcatPooling2D
from fat_tf.layers.dense_conv import DenseConv2D
from fat_tf.layers.mixup import MixUp
from fat_tf.layers.multi_sample_dropout import MultiSampleDropout
from fat_tf.layers.normalisation import Normalisation
from fat_tf.layers.spec_augment import SpecAugment

__all__ = [
    "BatchNormalization",
    "ConcatPooling2D",
    "DenseConv2D",
    "MixUp",
    "MultiSampleDropout",
    "Normalisation",
    "SpecAugment",
]

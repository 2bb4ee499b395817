"""Layers that Keras does not have."""

from fat_tf.layers.batch_norm import BatchNormalization
from fat_tf.layers.between_class import BetweenClass
from fat_tf.layers.concat_pooling import ConcatPooling2D
from fat_tf.layers.cross_fade import CrossFade
from fat_tf.layers.dense_conv import DenseConv2D
from fat_tf.layers.filter_augment import FilterAugment
from fat_tf.layers.freq_mix_style import FreqMixStyle
from fat_tf.layers.frequency_ramp import FrequencyRamp
from fat_tf.layers.mixup import MixUp
from fat_tf.layers.multi_sample_dropout import MultiSampleDropout
from fat_tf.layers.normalisation import Normalisation
from fat_tf.layers.overlay_mix import OverlayMix
from fat_tf.layers.random_gain import RandomGain
from fat_tf.layers.random_length import RandomLength
from fat_tf.layers.random_resized_crop import RandomResizedCrop
from fat_tf.layers.spec_augment import SpecAugment
from fat_tf.layers.time_frequency_pooling import TimeMaxFrequencyMean
from fat_tf.layers.time_shift import TimeShift
from fat_tf.layers.union_mixup import UnionMixUp

__all__ = [
    "BatchNormalization",
    "BetweenClass",
    "ConcatPooling2D",
    "CrossFade",
    "DenseConv2D",
    "FilterAugment",
    "FreqMixStyle",
    "FrequencyRamp",
    "MixUp",
    "MultiSampleDropout",
    "Normalisation",
    "OverlayMix",
    "RandomGain",
    "RandomLength",
    "RandomResizedCrop",
    "SpecAugment",
    "TimeMaxFrequencyMean",
    "TimeShift",
    "UnionMixUp",
]

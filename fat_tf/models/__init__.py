"""The models: functional Keras models from (batch, mels, frames, channels) to logits (batch, num_classes)."""

from fat_tf.models.densenet import densenet121
from fat_tf.models.mobilenet import mobilenet_v3
from fat_tf.models.ninth_place import m0, m1, m2, m3, m4

__all__ = ["densenet121", "m0", "m1", "m2", "m3", "m4", "mobilenet_v3"]

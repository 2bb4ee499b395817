"""The built-in data set: synthesised sound events in FSDKaggle2019's layout, with the truth beside it."""

from fat_tf.data.synthetic.build import make_synthetic

__all__ = ["make_synthetic"]

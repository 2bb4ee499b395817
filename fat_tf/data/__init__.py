"""From folders of sound files and their CSVs to batches of pictures and labels."""

from fat_tf.data.fold_assignment import assign_folds
from fat_tf.data.synthetic import make_synthetic
from fat_tf.data.tables import AudioDataset, read_dataset

__all__ = ["AudioDataset", "assign_folds", "make_synthetic", "read_dataset"]

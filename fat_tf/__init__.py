"""fat_tf: tagging sounds with small dense CNNs, a Keras re-creation of a Freesound Audio Tagging 2019 solution."""

import os

# Before TensorFlow is imported: its start-up notices would bury the lines that people should read.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

"""What the files of a run are called: read without waiting for TensorFlow or pandas."""

LOCK = ".lock"
LABELS, CLIPS, FOLDS, CORRECTIONS = "labels.csv", "clips.csv", "folds.csv", "corrections.csv"
METRICS, PROGRESS = "metrics.json", "progress.json"
CONFIG, OPERATIVE_CONFIG = "config.gin", "operative_config.gin"  # as parsed; as read in training
SAME_SOUNDS, BAD_FILES = "same_sounds.csv", "bad_files.csv"
STOPPED = "stopped_early"  # in a fold of a trial that others of a sweep were better than
LOGS = "logs"  # of tasks, in a run or beside those of an ensemble
SCORER = "scorer"  # below a run: the model that judges its noisy clips
MODEL, SCORES, HISTORY, STATE = "model.keras", "scores.npz", "history.csv", "state"  # of a fold
COLUMNS = ("stage", "epoch", "lr", "loss", "val_loss", "lwlrap", "val_lwlrap", "seconds", "clips_per_second")

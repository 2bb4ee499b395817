"""Pictures by librosa, in processes that need no TensorFlow."""

import numpy as np


def librosa_picture(path: str, settings: dict) -> np.ndarray:
    """What a `FrontEnd` of these settings draws of a file at its rate: (n_mels, frames) float32 dB."""
    import librosa  # of the extra `test`: the other benchmarks run without it

    mel = settings["spectrogram"]["config"]
    clip, _ = librosa.effects.trim(librosa.load(path, sr=None)[0], top_db=settings["trim_db"])
    sizes = {name: mel[name] for name in ("n_fft", "hop_length", "n_mels", "fmin", "fmax")}
    power = librosa.feature.melspectrogram(y=clip, sr=mel["sample_rate"], pad_mode="reflect", **sizes)
    return librosa.power_to_db(power, amin=1e-10, top_db=mel["top_db"])

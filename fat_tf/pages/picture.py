"""Log-mels for the eye, whatever front end a model has."""

import io

import numpy as np
from matplotlib import colormaps
from PIL import Image

from fat_tf.audio import LogMel

MAGMA = (colormaps["magma"](np.arange(256))[:, :3] * 255).astype(np.uint8)


def log_mel_for(sample_rate: int) -> LogMel:
    """The default log-mel at another sample rate: windows and hops as long, all frequencies up to half the rate."""
    n_fft, hop = 2 * round(960 * sample_rate / 44100), round(690 * sample_rate / 44100)
    return LogMel(sample_rate=sample_rate, n_fft=n_fft, hop_length=hop, fmax=min(22050, sample_rate / 2))


def log_mel_png(samples: np.ndarray, log_mel: LogMel) -> bytes:
    """A PNG of a sound, a pixel a cell: high frequencies above, the loudest cell bright, `top_db` below it dark.

    Args:
        samples: (samples,) float32 at the rate of `log_mel`.
        log_mel: draws it.
    """
    picture = log_mel(samples[None]).numpy()[0, ::-1, :, 0]
    levels = np.clip((picture - picture.max()) / log_mel.top_db + 1, 0, 1) * 255
    image = Image.fromarray(np.round(levels).astype(np.uint8), "P")
    image.putpalette(MAGMA.tobytes())
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()

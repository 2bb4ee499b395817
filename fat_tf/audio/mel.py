"""The window, the Slaney mel scale and its filters, in NumPy."""

import numpy as np

LINEAR_HZ_PER_MEL = 200.0 / 3.0  # below 1 kHz
LOG_START_HZ, LOG_START_MEL, LOG_STEP = 1000.0, 15.0, np.log(6.4) / 27.0


def hann_window(samples: int) -> np.ndarray:
    """Periodic Hann window (samples,) float64 (scipy.signal.get_window("hann")).

    tf.signal.hann_window is computed in float32: its leakage would show 70 dB below a tone.
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(samples) / samples)


def hz_to_mel(hz: np.ndarray | float) -> np.ndarray:
    """Slaney's scale (librosa.hz_to_mel, htk=False): linear below 1 kHz, logarithmic above."""
    hz = np.asarray(hz, np.float64)
    above = LOG_START_MEL + np.log(np.maximum(hz, LOG_START_HZ) / LOG_START_HZ) / LOG_STEP
    return np.where(hz < LOG_START_HZ, hz / LINEAR_HZ_PER_MEL, above)


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """The inverse of `hz_to_mel`."""
    above = LOG_START_HZ * np.exp(LOG_STEP * (np.maximum(mel, LOG_START_MEL) - LOG_START_MEL))
    return np.where(mel < LOG_START_MEL, mel * LINEAR_HZ_PER_MEL, above)


def mel_filters(sample_rate: int, n_fft: int, n_mels: int, fmin: float, fmax: float) -> np.ndarray:
    """Triangular filters of equal area (librosa.filters.mel, norm="slaney").

    Args:
        sample_rate, fmin, fmax: Hz.
        n_fft: samples.

    Returns:
        (1 + n_fft // 2, n_mels) float32, to be multiplied from the right.
    """
    bins = np.linspace(0.0, sample_rate / 2.0, 1 + n_fft // 2)[:, None]
    edges = mel_to_hz(np.linspace(hz_to_mel(fmin), hz_to_mel(fmax), n_mels + 2))
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (bins - low) / (centre - low)
    falling = (high - bins) / (high - centre)
    area = 2.0 / (high - low)
    return (np.maximum(0.0, np.minimum(rising, falling)) * area).astype(np.float32)

"""Any file by soundfile (libsndfile), read by blocks and held against what its header promises."""

import io
import os
import re

import numpy as np
import soundfile as sf

from fat_tf.audio.decode.limits import FASTEST, LOUDEST, SHORTEST, SLOWEST
from fat_tf.audio.wav_header import UNKNOWN_LENGTH

BLOCK_FRAMES = 1 << 18  # read by blocks: a header that claims gigabytes then costs nothing
CLAIMED_LENGTH = re.compile(r"(?:data|SSND)\s*:\s*(\d+) \(should be (\d+)\)")  # libsndfile's log


def decode_anything(contents: bytes | np.ndarray) -> tuple[np.ndarray, np.int32, bytes]:
    """(samples, rate in Hz, error) of any file that libsndfile reads."""
    contents = np.asarray(contents, object).item()  # bytes in a graph, an array of one object in eager mode
    try:
        with sf.SoundFile(io.BytesIO(contents)) as file:
            samples = _read_mono(file)
            error = _what_is_wrong(samples, _promised_frames(file, len(samples)), file.samplerate)
            return samples if not error else samples[:0], np.int32(file.samplerate), error.encode()
    except sf.LibsndfileError as reason:
        text = f"not a readable sound file: {reason.error_string or 'damaged'}"
        return np.zeros(0, np.float32), np.int32(0), text.encode()


def _read_mono(file: sf.SoundFile) -> np.ndarray:
    """All samples (samples,) float32 of an open file, channels averaged."""
    mono = [np.zeros(0, np.float32)]
    while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        mono.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(mono)


def _promised_frames(file: sf.SoundFile, read: int) -> int:
    """Frames that the header promises; for a cut WAV or AIFF libsndfile tells it in its log alone."""
    claim = CLAIMED_LENGTH.search(file.extra_info)
    if not claim or int(claim[1]) == UNKNOWN_LENGTH:
        return file.frames
    claimed, there = map(int, claim.groups())
    return file.frames if claimed <= there else max(file.frames, read * claimed // max(there, 1), read + 1)


def _what_is_wrong(samples: np.ndarray, promised: int, rate: int) -> str:
    if not SLOWEST <= rate <= FASTEST:
        return f"a sample rate of {rate} Hz"
    if len(samples) < promised:
        return f"cut short: {len(samples)} of {promised} samples"
    if len(samples) < SHORTEST:
        return "one sample only" if len(samples) else "no samples"
    return "" if (np.abs(samples) <= LOUDEST).all() else "samples that are not finite, or beyond a billion"


def duration(path: str | os.PathLike) -> float:
    """Seconds by the header, beyond which the decoder does not read; 0 where there is none."""
    try:
        return sf.info(path).duration
    except sf.LibsndfileError:
        return 0.0


def encoded(samples: np.ndarray, rate: int, form: str = "WAV", subtype: str = "PCM_16") -> bytes:
    """A sound file.

    Args:
        samples: (samples,) or (samples, channels) float in [-1, 1].
        rate: Hz.
        form, subtype: as libsndfile names them.
    """
    file = io.BytesIO()
    sf.write(file, samples, rate, format=form, subtype=subtype)
    return file.getvalue()

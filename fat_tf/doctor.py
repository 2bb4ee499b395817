"""One real operation of each part, so that what is broken shows before a night's run."""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import keras
import numpy as np
import soundfile as sf
import tensorflow as tf

from fat_tf import config
from fat_tf.audio import LogMel, load_audio
from fat_tf.audio.decode import tensorflow_io_works
from fat_tf.training.device import describe_device, resolve_precision
from fat_tf.training.material import HOME

TONE = (0.3 * np.sin(np.arange(4410) * 2 * np.pi * 440 / 44100)).astype(np.float32)
FORMATS = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III", "AIFF": "PCM_16"}
PACKAGES = (
    "tensorflow",
    "keras",
    "tensorflow-io",
    "numpy",
    "soundfile",
    "soxr",
    "gin-config",
    "scikit-learn",
    "pandas",
)
ENOUGH_GB = 5
REINSTALL = "pip install -c constraints.txt -e ."


@dataclass(frozen=True)
class Finding:
    """A line of the table: whether a part works, what was seen, and what to do if it does not."""

    part: str
    works: bool
    seen: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Try every part; never raises for a part that is broken."""
    parts: list[tuple[str, Callable[[], str], str]] = [
        ("Python", _python, "use Python 3.11 or 3.12"),
        ("Packages", _packages, REINSTALL),
        ("Decode by tensorflow-io", _tensorflow_io, "TensorFlow 2.17.1 has it; soundfile decodes all files meanwhile"),
        *((f"Decode {form}", _decoder(form), "pip install --upgrade soundfile") for form in FORMATS),
        ("Resample", _resample, "pip install --upgrade soxr"),
        ("Log-mel", _log_mel, REINSTALL),
        ("Training step", _training_step, REINSTALL),
        ("Device", _device, "for the GPU: pip install -c constraints.txt -e '.[gpu]'"),
        ("Configurations", _configurations, "run from a checkout, or install again: " + REINSTALL),
        ("Space for caches", _space, f"free {ENOUGH_GB} GB, or give --cache_dir a larger disk"),
    ]
    return [_try(*part) for part in parts]


def table(findings: list[Finding]) -> str:
    """The findings as lines of text, a remedy below each that does not work."""
    width = max(len(finding.part) for finding in findings)
    lines = []
    for finding in findings:
        lines.append(f"{'ok  ' if finding.works else 'FAIL'}  {finding.part:<{width}}  {finding.seen}")
        if not finding.works:
            lines.append(f"{'':{width + 8}}do: {finding.remedy}")
    return "\n".join(lines)


def _try(part: str, operation: Callable[[], str], remedy: str) -> Finding:
    try:
        return Finding(part, True, operation())
    except Exception as error:  # whatever a broken installation throws is what is to be shown
        reason = str(error).strip().splitlines()
        return Finding(part, False, reason[0] if reason else type(error).__name__, remedy)


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise RuntimeError(otherwise)


def _python() -> str:
    _require((3, 11) <= sys.version_info[:2] <= (3, 12), f"Python {sys.version.split()[0]}")
    return sys.version.split()[0]


def _packages() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError as error:
            raise RuntimeError(f"{name} is not installed") from error
    return ", ".join(found)


def _tensorflow_io() -> str:
    _require(tensorflow_io_works(), "its operations do not load on this TensorFlow")
    return "its operations load"


def _decoder(form: str) -> Callable[[], str]:
    def decode() -> str:
        file = io.BytesIO()
        sf.write(file, TONE, 44100, format=form, subtype=FORMATS[form])
        samples = _load(file.getvalue(), 44100)
        _require(abs(len(samples) - len(TONE)) < 2500, f"{len(samples)} of {len(TONE)} samples")
        return f"{len(samples)} samples"

    return decode


def _load(contents: bytes, rate: int) -> np.ndarray:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tone"
        path.write_bytes(contents)
        samples, error = load_audio(str(path), rate)
    _require(error.numpy() == b"", error.numpy().decode())
    return samples.numpy()


def _resample() -> str:
    file = io.BytesIO()
    sf.write(file, TONE, 44100, format="WAV")
    return f"44100 to 16000 Hz: {len(_load(file.getvalue(), 16000))} samples"


def _log_mel() -> str:
    picture = LogMel()(TONE[None]).numpy()[0, ..., 0]
    loudest = int(picture.mean(axis=1).argmax())
    _require(bool(np.isfinite(picture).all()) and loudest < 20, f"the loudest band of a 440 Hz tone is {loudest}")
    return f"{picture.shape[0]} mels, {picture.shape[1]} frames, loudest band {loudest}"


def _training_step() -> str:
    from fat_tf.models import m0

    model = m0(4, (16, 16, 1), width=4)
    model.compile(keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    loss = float(model.train_on_batch(np.ones((2, 16, 16, 1)), np.eye(4)[:2]))
    _require(np.isfinite(loss), f"loss {loss}")
    return f"loss {loss:.3f}"


def _device() -> str:
    unused = shutil.which("nvidia-smi") and not tf.config.list_physical_devices("GPU")
    _require(not unused, "there is an NVIDIA driver, and TensorFlow sees no GPU")
    return f"{describe_device()}, trains in {resolve_precision('auto')}, TensorFlow {tf.__version__}"


def _configurations() -> str:
    folders = [folder for folder in config.SEARCH_PATH if (folder / "base.gin").is_file()]
    _require(bool(folders), "no folder has base.gin")
    return ", ".join(f"{folder} ({len(list(folder.glob('*.gin')))})" for folder in folders)


def _space() -> str:
    there = next(folder for folder in (HOME, *HOME.parents) if folder.exists())
    free = shutil.disk_usage(there).free / 1e9
    _require(free >= ENOUGH_GB, f"{free:.1f} GB free in {there}")
    return f"{free:.0f} GB free in {there}"

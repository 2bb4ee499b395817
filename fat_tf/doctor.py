"""One real operation of each part, so that what is broken shows before a night's run.

Each part imports what it tries: a package that does not load is a line of the table.
"""

import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from fat_tf.errors import counted
from fat_tf.home import cache_place
from fat_tf.program import install_line

FORMATS = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III", "AIFF": "PCM_16"}
STORAGES = {"s3://": "s3fs", "gs://": "gcsfs"}
PACKAGES = ("tensorflow", "keras", "numpy", "pandas", "scikit-learn", "gin-config", "soundfile", "soxr", "tensorboard")
ENOUGH_GB = 1
WIDTH = 16  # of a part's name
REINSTALL = install_line()


@dataclass(frozen=True)
class Finding:
    """A line of the table: whether a part works, what was seen, and what to do if it does not."""

    part: str
    works: bool
    seen: str
    remedy: str = ""


def examine(gin_files: Sequence[str] = (), gin_params: Sequence[str] = ()) -> Iterator[Finding]:
    """Try every part, one after the other; never raises for a part that is broken.

    Args:
        gin_files, gin_params: a configuration to try too.
    """
    parts: list[tuple[str, Callable[[], str], str]] = [
        ("Python", _python, "use Python 3.11 or 3.12"),
        ("Packages", _packages, REINSTALL),
        ("tensorflow-io", _tensorflow_io, REINSTALL),
        *((f"Decode {form}", _decoder(form), "pip install --upgrade soundfile") for form in FORMATS),
        ("More formats", _more_formats, install_line("formats")),
        ("Shared storage", _shared_storage, install_line("storage")),
        ("Resample", _resample, "pip install --upgrade soxr"),
        ("Log-mel", _log_mel, REINSTALL),
        ("Training step", _training_step, REINSTALL),
        ("Device", _device, f"for the GPU: {install_line('gpu')}"),
        ("Configurations", _configurations, "run from a checkout, or install again: " + REINSTALL),
        ("Space for caches", _space, f"free {ENOUGH_GB} GB, or give --cache_dir a larger disk"),
    ]
    if gin_files:
        parts.append(
            (
                "Configuration",
                partial(_configuration, gin_files, gin_params),
                "mend it; docs/recipes.md has what can be bound",
            )
        )
    yield from (_try(*part) for part in parts)


def told(finding: Finding) -> str:
    """A finding as a line of text, and a remedy below it if it does not work."""
    line = f"{'ok  ' if finding.works else 'FAIL'}  {finding.part:<{WIDTH}}  {finding.seen}"
    return line if finding.works else f"{line}\n{'':{WIDTH + 8}}do: {finding.remedy}"


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
    from fat_tf.audio.decode import tensorflow_io_works

    return "its operations load" if tensorflow_io_works() else "does not load on this TensorFlow: soundfile decodes all"


def _more_formats() -> str:
    from fat_tf.audio.decode import has_ffmpeg, read_by_ffmpeg

    if not has_ffmpeg():
        return f"M4A, WMA, WebM, AMR, ... are not read: {install_line('formats')}"
    from fat_tf.audio.decode import encoded

    sound = read_by_ffmpeg(io.BytesIO(encoded(_tone(), 44100)))
    _require(sum(map(len, sound.blocks)) == len(_tone()), "FFmpeg gives other samples")
    return f"FFmpeg, by PyAV {version('av')}"


def _shared_storage() -> str:
    from fat_tf.storage.remote import Remote

    if not find_spec("fsspec"):
        return f"s3://, gs:// and others are not reached: {install_line('storage')}"
    Remote("memory://doctor").now()
    reached = [scheme for scheme, package in STORAGES.items() if find_spec(package)]
    return f"fsspec {version('fsspec')}, {' and '.join(reached) or 'without s3:// (s3fs) and gs:// (gcsfs)'}"


def _tone() -> "np.ndarray":  # noqa: F821
    """A tenth of a second of 440 Hz at 44.1 kHz."""
    import numpy as np

    return (0.3 * np.sin(np.arange(4410) * 2 * np.pi * 440 / 44100)).astype(np.float32)


def _decoder(form: str) -> Callable[[], str]:
    def decode() -> str:
        samples = _decoded(form, FORMATS[form], 44100)
        _require(abs(samples - 4410) < 2500, f"{samples} of 4410 samples")
        return f"{samples} samples"

    return decode


def _decoded(form: str, subtype: str, rate: int) -> int:
    """How many samples a tone has after it was written and decoded."""
    from fat_tf.audio.decode import encoded, load_audio

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tone"
        path.write_bytes(encoded(_tone(), 44100, form, subtype))
        samples, error = load_audio(str(path), rate)
    _require(error.numpy() == b"", error.numpy().decode())
    return len(samples)


def _resample() -> str:
    return f"44100 to 16000 Hz: {_decoded('WAV', 'PCM_16', 16000)} samples"


def _log_mel() -> str:
    from fat_tf.audio import LogMel

    picture = LogMel()(_tone()[None]).numpy()[0, ..., 0]
    loudest = int(picture.mean(axis=1).argmax())
    _require(loudest < 20, f"the loudest band of a 440 Hz tone is {loudest}")
    return f"{picture.shape[0]} mels, {picture.shape[1]} frames, loudest band {loudest}"


def _training_step() -> str:
    import keras
    import numpy as np

    from fat_tf.models import m0

    model = m0(4, (16, 16, 1), width=4)
    model.compile(keras.optimizers.Adam(), keras.losses.BinaryCrossentropy(from_logits=True), jit_compile=False)
    loss = float(model.train_on_batch(np.ones((2, 16, 16, 1)), np.eye(4)[:2]))
    _require(np.isfinite(loss), f"loss {loss}")
    return f"loss {loss:.3f}"


def _device() -> str:
    import tensorflow as tf

    from fat_tf.models.device import describe_device, resolve_precision

    unused = shutil.which("nvidia-smi") and not tf.config.list_physical_devices("GPU")
    _require(not unused, "there is an NVIDIA driver, and TensorFlow sees no GPU")
    return f"{describe_device()}, trains in {resolve_precision('auto')}"


def _configurations() -> str:
    from fat_tf import config

    folders = [folder for folder in config.SHIPPED if (folder / "base.gin").is_file()]
    _require(bool(folders), "no folder has base.gin")
    config.load(["m3.gin"])
    return ", ".join(f"{folder} ({len(list(folder.rglob('*.gin')))})" for folder in folders)


def _configuration(gin_files: Sequence[str], gin_params: Sequence[str]) -> str:
    from fat_tf import config
    from fat_tf.training.ensemble import check_members, params_of_members

    config.check(gin_files, gin_params, trains=True)
    config.check_of_ensemble(gin_files)
    config.load(gin_files, gin_params)
    if config.is_bound("Ensemble.members"):
        ensemble = config.make("Ensemble")
        members = check_members(ensemble, params_of_members(ensemble, gin_params))
        return f"{' and '.join(gin_files)}: {counted(len(members), 'member')} of an ensemble"
    recipe = config.make("Recipe")
    return f"{' and '.join(gin_files)}: {counted(len(recipe.stages), 'stage')} of training"


def _space() -> str:
    place = cache_place()
    there = next(folder for folder in (place, *place.parents) if folder.is_dir())
    free = shutil.disk_usage(there).free / 1e9
    _require(free >= ENOUGH_GB, f"{free:.1f} GB free for {place}")
    return f"{free:.0f} GB free for {place}"

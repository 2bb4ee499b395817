"""Sound files of every kind that recorders, streams and sample libraries write, made in code."""

import io
import struct
from collections.abc import Callable

import numpy as np
import soundfile as sf

RATE, SECONDS = 44100, 2
TIME = np.arange(SECONDS * RATE) / RATE
SWEEP = (0.3 * np.sin(2 * np.pi * 300 * TIME * (1 + TIME))).astype(np.float32)
SOUND = (SWEEP + 0.02 * np.random.default_rng(0).standard_normal(len(TIME))).astype(np.float32)
MP3_FRAME = 1152  # samples


def encoded(form: str, subtype: str, samples: np.ndarray = SOUND, rate: int = RATE, **options) -> bytes:
    file = io.BytesIO()
    sf.write(file, samples, rate, format=form, subtype=subtype, **options)
    return file.getvalue()


def mp3(mode: str = "VARIABLE", samples: np.ndarray = SOUND, rate: int = RATE) -> bytes:
    """With a true count in its first frame."""
    return encoded("MP3", "MPEG_LAYER_III", samples, rate, bitrate_mode=mode)


def frame_bytes(header: bytes) -> int:
    """Bytes of an MPEG 1 layer III frame."""
    kbps = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[header[2] >> 4]
    return 144000 * kbps // (44100, 48000, 32000)[header[2] >> 2 & 3] + (header[2] >> 1 & 1)


def bare_mp3(mode: str = "VARIABLE", samples: np.ndarray = SOUND) -> bytes:
    """Without the first frame, and so without a count."""
    contents = mp3(mode, samples)
    return contents[frame_bytes(contents) :]


def free_mp3() -> bytes:
    """Of a constant bit rate that its headers do not tell, and without a count."""
    contents = bytearray(encoded("MP3", "MPEG_LAYER_III", bitrate_mode="CONSTANT", compression_level=0.2))
    del contents[: frame_bytes(contents)]
    place = 0
    while place < len(contents):
        header = contents[place : place + 4]
        contents[place + 2] &= 0x0F
        place += frame_bytes(header)
    return bytes(contents)


def id3v2(content: bytes = bytes(300)) -> bytes:
    size = len(content)
    return b"ID3\4\0\0" + bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) + content


def vbri(frames: int) -> bytes:
    """Fraunhofer's tag: version, delay, quality, bytes and frames."""
    return struct.pack(">4sHHHII", b"VBRI", 1, 0, 0, 0, frames)


ID3V1 = b"TAG" + b"x" * 125
APE = struct.pack("<8sIIII8x", b"APETAGEX", 2000, 32 + 40, 1, 0)
APE_TAG = bytes(40) + APE
LYRICS = b"LYRICSBEGIN" + b"IND0000200" + b"000021" + b"LYRICS200"


def with_fields(contents: bytes, **fields: bytes) -> bytes:
    """Some bytes replaced: at40=b"..." at place 40."""
    changed = bytearray(contents)
    for place, new in fields.items():
        changed[int(place[2:]) : int(place[2:]) + len(new)] = new
    return bytes(changed)


def wav_of_length(claimed: int) -> bytes:
    """As a program writes to a pipe, or leaves behind when it is killed."""
    length = struct.pack("<I", claimed)
    return with_fields(encoded("WAV", "PCM_16"), at4=length, at40=length)


def flac_without_total() -> bytes:
    contents = encoded("FLAC", "PCM_16")
    return with_fields(contents, at21=bytes([contents[21] & 0xF0, 0, 0, 0, 0]))


def wav_header(data: bytes, code: int, bits: int, align: int, channels: int = 1) -> bytes:
    form = struct.pack("<HHIIHH", code, channels, RATE, RATE * align, align, bits)
    size, whole = (struct.pack("<I", count) for count in (len(data), 36 + len(data)))
    return b"RIFF" + whole + b"WAVEfmt \x10\0\0\0" + form + b"data" + size


def low_24_in_32(samples: np.ndarray = SOUND) -> bytes:
    data = np.round(samples * 2**23).astype("<i4").tobytes()
    return wav_header(data, 1, 24, 4) + data


def high_24_in_32() -> bytes:
    data = (np.round(SOUND * 2**23).astype("<i4") << 8).tobytes()
    return wav_header(data, 1, 24, 4) + data


def mp3_in_wav() -> bytes:
    data = bare_mp3()
    return wav_header(data, 0x55, 0, 1) + data


def aiff_of_length(claimed: int) -> bytes:
    contents = encoded("AIFF", "PCM_16")
    place = contents.index(b"SSND") + 4
    return with_fields(contents, **{f"at{place}": struct.pack(">I", claimed), "at4": struct.pack(">I", claimed)})


def caf_of_length(claimed: int) -> bytes:
    contents = encoded("CAF", "PCM_16")
    place = contents.index(b"data") + 4
    return with_fields(contents, **{f"at{place}": struct.pack(">q", claimed)})


def w64_of_length(claimed: int) -> bytes:
    contents = encoded("W64", "PCM_16")
    place = contents.index(b"data\xf3\xac") + 16
    return with_fields(contents, **{f"at{place}": struct.pack("<Q", claimed)})


WHOLE: dict[str, tuple[Callable[[], bytes], int]] = {  # what makes it, and its samples
    "mp3 with a count": (mp3, len(SOUND)),
    "constant mp3 with a count": (lambda: mp3("CONSTANT"), len(SOUND)),
    "bare mp3": (bare_mp3, len(SOUND)),
    "bare constant mp3": (lambda: bare_mp3("CONSTANT"), len(SOUND)),
    "bare mp3, ID3v1 behind": (lambda: bare_mp3() + ID3V1, len(SOUND)),
    "bare mp3, ID3v2 before": (lambda: id3v2() + bare_mp3(), len(SOUND)),
    "bare mp3, two ID3v2 before": (lambda: id3v2() + id3v2(b"abc") + bare_mp3(), len(SOUND)),
    "bare mp3 between all tags": (lambda: id3v2() + bare_mp3() + LYRICS + APE_TAG + ID3V1, len(SOUND)),
    "bare mp3, zeros before": (lambda: bytes(5000) + bare_mp3(), len(SOUND)),
    "bare mp3, zeros behind": (lambda: bare_mp3() + bytes(5000), len(SOUND)),
    "bare mp3, rubbish before": (lambda: np.random.default_rng(1).bytes(3000) + bare_mp3(), len(SOUND)),
    "mp3 with a picture in its tag": (lambda: id3v2(b"\xff\xfb\x90\x64" * 2000) + mp3(), len(SOUND)),
    "mp3 whose tag lacks the count": (lambda: with_fields(mp3(), at25=bytes(4)), len(SOUND)),
    "mp3 with a tag of Fraunhofer's": (lambda: with_fields(mp3(), at21=bytes(100), at36=vbri(78)), len(SOUND)),
    "mp3 of a free bit rate": (free_mp3, len(SOUND)),
    "mp3 in wav": (mp3_in_wav, len(SOUND)),
    "two mp3 joined": (lambda: mp3() + mp3(), 2 * len(SOUND)),
    "two mp3 with tags joined": (lambda: (id3v2() + mp3() + ID3V1) * 2, 2 * len(SOUND)),
    "two ogg joined": (lambda: encoded("OGG", "VORBIS") * 2, 2 * len(SOUND)),
    "two flac joined": (lambda: encoded("FLAC", "PCM_16") * 2, 2 * len(SOUND)),
    "two wav joined": (lambda: encoded("WAV", "PCM_16") * 2, 2 * len(SOUND)),
    "flac behind ID3v2": (lambda: id3v2() + encoded("FLAC", "PCM_16"), len(SOUND)),
    "flac without a total": (flac_without_total, len(SOUND)),
    "wav, 24 low bits of 32": (low_24_in_32, len(SOUND)),
    "wav, 24 high bits of 32": (high_24_in_32, len(SOUND)),
    **{
        f"wav of length {claimed:#x}": (lambda claimed=claimed: wav_of_length(claimed), len(SOUND))
        for claimed in (0, 0x7FFF0000, 0x7FFFF000, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
    },
    "aiff of length 0": (lambda: aiff_of_length(0), len(SOUND)),
    "aiff of length 0x7fffffff": (lambda: aiff_of_length(0x7FFFFFFF), len(SOUND)),
    "caf of length -1": (lambda: caf_of_length(-1), len(SOUND)),
    "w64 of length 0": (lambda: w64_of_length(0), len(SOUND)),
    "w64 of length 2**63": (lambda: w64_of_length(2**63), len(SOUND)),
}
LOSSY = ("mp3", "ogg")

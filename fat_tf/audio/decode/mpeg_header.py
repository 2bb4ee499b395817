"""Headers of MPEG audio frames (MP3, MP2), as ISO/IEC 11172-3 and 13818-3 have them; MPEG 2.5 as its encoders do."""

import functools
from dataclasses import dataclass

V1, V2, V25 = 3, 2, 0  # codes of MPEG 1, 2 and 2.5
L1, L2, L3 = 3, 2, 1  # codes of the layers
RATES = {V1: (44100, 48000, 32000), V2: (22050, 24000, 16000), V25: (11025, 12000, 8000)}  # Hz
KBPS = {
    (V1, L1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (V1, L2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (V1, L3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (V2, L1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (V2, L2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}  # by index; 0 is a "free" rate, the same in all frames


@dataclass(frozen=True)
class Header:
    """What the first four bytes of a frame say.

    kind: version, layer and rate in Hz, the same in all frames of a sound. size: bytes of the frame; 0, and only its
    `slot` of padding, where the bit rate is free. samples: of each channel. tag_place: first byte of a Xing tag.
    """

    kind: tuple[int, int, int]
    size: int
    slot: int
    samples: int
    tag_place: int


@functools.lru_cache(1024)
def header_of(word: int) -> Header | None:
    """The header in a big-endian number of 32 bits; None if it is none."""
    version, layer, index, rate = word >> 19 & 3, word >> 17 & 3, word >> 12 & 15, word >> 10 & 3
    if word >> 21 != 0x7FF or version == 1 or layer == 0 or index == 15 or rate == 3 or word & 3 == 2:
        return None
    hertz, slot = RATES[version][rate], (4 if layer == L1 else 1) * (word >> 9 & 1)
    kbps = KBPS[(V1, layer) if version == V1 else (V2, L1 if layer == L1 else L2)][index]
    samples = {L1: 384, L2: 1152, L3: 1152 if version == V1 else 576}[layer]
    slots = samples // (32 if layer == L1 else 8) * kbps * 1000 // hertz
    size = (4 * slots if layer == L1 else slots) + slot if kbps else 0
    mono = word >> 6 & 3 == 3
    side = ((32, 17) if version == V1 else (17, 9))[mono]
    return Header((version, layer, hertz), size, slot, samples, 4 + side)


def with_rate(word: int, index: int) -> int:
    """A header of another bit rate, by its index, without a checksum behind it and without padding."""
    return word & ~(15 << 12) & ~(1 << 9) | index << 12 | 1 << 16

"""What a file is that libsndfile does not read, by its first bytes: in words, with the remedy."""

from fat_tf.audio.decode.part import DecodeError

UNREADABLE = "not a readable sound file"
HEAD = 512  # bytes that tell
TEXT_CONTROLS = {9, 10, 12, 13}
SHOWN = 40  # characters of a text

NO_SOUND = (
    (b"version https://git-lfs", "a Git LFS pointer instead of the sound, get it with `git lfs pull`"),
    (b"PK\x03\x04", "an archive (ZIP), unpack it first"),
    (b"\x1f\x8b", "an archive (gzip), unpack it first"),
    (b"Rar!", "an archive (RAR), unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (7z), unpack it first"),
    (b"BZh", "an archive (bzip2), unpack it first"),
    (b"\xfd7zXZ", "an archive (xz), unpack it first"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"MThd", "MIDI, notes without sound, render them first"),
    (b"\x00\x05\x16\x07", "what macOS keeps beside a file (AppleDouble), delete it"),
)
SOUNDS = (b"RIFF", b"RIFX", b"RF64", b"FORM", b"caff", b"fLaC", b"OggS", b"#!AMR", b".snd")  # not texts, if cut
BY_FFMPEG = (
    (4, b"ftyp", "MP4, M4A or MOV"),
    (4, b"moov", "MOV"),
    (0, b"\x1a\x45\xdf\xa3", "WebM or Matroska"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (0, b"#!AMR", "AMR"),
    (0, b"OggS", "Ogg with a codec"),
    (0, b"wvpk", "WavPack"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"TTA1", "True Audio"),
    (0, b"MPCK", "Musepack"),
    (0, b"MP+", "Musepack"),
    (0, b"ADIF", "AAC"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"\x7f\xfe\x80\x01", "DTS"),
    (0, b"Creative Voice File", "VOC"),
    (0, b"FLV", "Flash video"),
    (0, b"DSD ", "DSD"),
    (0, b".RMF", "RealMedia"),
    (0, b".ra\xfd", "RealAudio"),
    (8, b"AVI ", "AVI"),
    (8, b"WAVE", "WAV with a codec"),
)


def refuse_what_is_no_sound(head: bytes, size: int) -> None:
    """Raise DecodeError for an empty file, a text, an archive, a picture, ...; head: its first `HEAD` bytes."""
    if what := _no_sound(head, size):
        raise DecodeError(f"{UNREADABLE}: {what}")


def _no_sound(head: bytes, size: int) -> str:
    """What a file is that holds no sound; empty where nothing tells."""
    if not size:
        return "empty, 0 bytes"
    if not head.strip(b"\0"):
        return "zero bytes where its header should be, damaged or never written"
    if head.startswith(b"ID3"):
        return "a tag (ID3) without sound, damaged or cut short"
    if what := next((what for magic, what in NO_SOUND if head.startswith(magic)), ""):
        return what
    text = None if head.startswith(SOUNDS) else _text(head)
    return "" if text is None else _about_text(text)


def _text(head: bytes) -> str | None:
    """The file's start as a text, if it is one."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if any(byte < 32 and byte not in TEXT_CONTROLS for byte in head):
        return None
    try:
        return head.decode("utf-8-sig")
    except UnicodeDecodeError as error:  # but for a letter that the end cuts
        return head[: error.start].decode("utf-8-sig") if error.start > len(head) - 4 else None


def _about_text(text: str) -> str:
    start = text.lstrip().lower()
    if start.startswith(("<!doctype html", "<html")):
        return "an HTML page, the download went wrong: get it again"
    shown = " ".join(text.split())
    return f"a text, which begins with {shown[:SHOWN]!r}"


def named(head: bytes) -> str:
    """What FFmpeg would read, in words; empty where nothing tells."""
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xF6 == 0xF0:
        return "AAC"
    return next((name for place, magic, name in BY_FFMPEG if head[place:].startswith(magic)), "")

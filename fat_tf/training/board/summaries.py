"""Summaries as TensorBoard's plugins read them, from plain values; TensorFlow's own functions would need its writer."""

from collections.abc import Iterable, Sequence

import numpy as np
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.plugins.audio import metadata as audio
from tensorboard.plugins.image import metadata as image
from tensorboard.plugins.pr_curve import summary as pr_curve
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.util.tensor_util import make_ndarray, make_tensor_proto

from fat_tf.metrics.blocks import blocks
from fat_tf.names import spelled
from fat_tf.terminal import markdown_table

OURS = "fat_tf"  # a plugin that TensorBoard does not have: what it names is kept and not shown
THRESHOLDS = 127
LEAST = 1e-7  # clips that are divided by


def tag(text: str) -> str:
    """A name of a clip or class as part of a tag: a slash would make groups."""
    return spelled(" ".join(text.split())).replace("/", "∕")  # noqa: RUF001 (a division slash)


def scalar(name: str, value: float, description: str = "") -> Summary:
    """A point of a curve."""
    return scalar_pb(name, float(value), description)


def text(name: str, markdown: str) -> Summary:
    """A text; Markdown, and HTML that does no harm."""
    return text_pb(name, spelled(markdown))


def escaped(text: str) -> str:
    """A text that Markdown and HTML show as it is, on one line: a label that is a script stays a text."""
    plain = " ".join(spelled(text).split())
    return "".join(c if c.isalnum() or c in " ,." or ord(c) > 127 else f"&#{ord(c)};" for c in plain)


def table(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; its cells are escaped."""
    return markdown_table(heading, ([escaped(str(cell)) for cell in row] for row in rows))


def block(text: str) -> str:
    """A text as it is, in letters of one width."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def picture(name: str, png: bytes, size: tuple[int, int], description: str = "") -> Summary:
    """A PNG of (width, height) pixels."""
    about = image.create_summary_metadata(display_name=None, description=description)
    return _of_bytes(name, [str(size[0]).encode(), str(size[1]).encode(), png], about)


def sound(name: str, wav: bytes, description: str) -> Summary:
    """The bytes of a WAV; the description is Markdown."""
    wave = audio.Encoding.Value("WAV")
    about = audio.create_summary_metadata(display_name=None, description=description, encoding=wave)
    return _of_bytes(name, [[wav, b""]], about)  # the second is a label, which is not shown any more


def precision_recall(name: str, truth: np.ndarray, scores: np.ndarray) -> Summary:
    """Precision and recall at thresholds from 0 to 1; truth bool and scores, probabilities, of the same shape."""
    hits, clips = np.zeros((2, THRESHOLDS))
    for truth_of, scores_of in blocks(truth, scores):  # as pr_curve.pb, which takes a hundred bytes a score
        highest = np.floor(scores_of * (THRESHOLDS - 1)).astype(int)  # threshold that is reached
        hits += np.bincount(highest[truth_of], minlength=THRESHOLDS)
        clips += np.bincount(highest.ravel(), minlength=THRESHOLDS)
    hits, clips = (np.cumsum(counts[::-1])[::-1] for counts in (hits, clips))
    wrong = clips - hits
    ratios = hits / np.maximum(clips, LEAST), hits / np.maximum(hits[0], LEAST)
    counts = hits, wrong, wrong[0] - wrong, hits[0] - hits
    summary = pr_curve.raw_data_pb(name, *counts, *ratios, num_thresholds=THRESHOLDS)
    return Summary.FromString(summary.SerializeToString())


def kept_values(name: str, values: np.ndarray) -> Summary:
    """Values that are not shown, for a later call to go on with."""
    about = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name=OURS))
    return _tensor(name, make_tensor_proto(np.asarray(values, np.float32)), about)


def values_of(summary: Summary, name: str) -> np.ndarray | None:
    """What `kept_values` kept by this name, if that is what the summary is."""
    return next((make_ndarray(value.tensor) for value in summary.value if value.tag == name), None)


def _of_bytes(name: str, data: list, about: SummaryMetadata) -> Summary:
    return _tensor(name, make_tensor_proto(np.array(data, object)), about)


def _tensor(name: str, tensor: TensorProto, about: SummaryMetadata) -> Summary:
    return Summary(value=[Summary.Value(tag=name, tensor=tensor, metadata=about)])

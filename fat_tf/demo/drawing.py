"""Pictures of a sound and its tags on one time axis, as SVG in the page."""

import base64
import html
import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from fat_tf.audio import LogMel
from fat_tf.audio.mel import hz_to_mel
from fat_tf.demo.tags_over_time import TaggedSound
from fat_tf.figures import shortened
from fat_tf.pages.picture import log_mel_for

ROWS = 8  # tags over time
WIDE, NARROW, PHONE = 11.0, 3.6, 640  # inches, inches, and the page's width in pixels below which narrow is shown
SOUND_HEIGHT, ROW_HEIGHT, MARGINS = 2.4, 0.26, 1.2  # inches
MOMENTS, LETTERS_PER_INCH = 500, 5  # columns of the tags; of a label, by the figure's width
INK, FONT = "#808080", 9  # legible on the page's light and on its dark ground; points
TICKS = {125: "125", 500: "500", 1000: "1k", 2000: "2k", 4000: "4k", 8000: "8k", 16000: "16k"}  # Hz
CLEAR_TO_ORANGE = LinearSegmentedColormap.from_list("tags", [(0.98, 0.45, 0.09, 0.0), (0.98, 0.45, 0.09, 1.0)])


def as_html(sound: TaggedSound) -> str:
    """The pictures as an HTML element that fits screens and phones."""
    wide, narrow = (_data_uri(draw(sound, width)) for width in (WIDE, NARROW))
    text = html.escape(f"Log-mel of {sound.seconds:.1f} s of sound, and {', '.join(strongest(sound)[0])} over time")
    phone = f'<source media="(max-width: {PHONE}px)" srcset="{narrow}">'
    return f'<picture>{phone}<img src="{wide}" alt="{text}" style="width: 100%"></picture>'


def draw(sound: TaggedSound, width: float) -> Figure:
    """Log-mel above, tags of the windows below.

    Args:
        sound: of `tag_over_time`.
        width: inches.
    """
    labels, rows = strongest(sound)
    heights = [SOUND_HEIGHT, ROW_HEIGHT * len(labels)]
    figure = Figure((width, sum(heights) + MARGINS), layout="constrained")
    above, below = figure.subplots(2, height_ratios=heights, sharex=True)
    _draw_log_mel(above, sound)
    _draw_tags(below, sound, labels, rows)
    for axes in (above, below):
        axes.tick_params(colors=INK, labelsize=FONT)
        axes.spines[:].set_color(INK)
    return figure


def strongest(sound: TaggedSound) -> tuple[list[str], np.ndarray]:
    """(labels, (labels, windows) scores) of the classes with the highest scores of a window, best first."""
    best = np.argsort(-sound.track.max(axis=0), kind="stable")[:ROWS]
    return [sound.labels[k] for k in best], sound.track[:, best].T


def row_of(hz: float, log_mel: LogMel) -> float:
    """Where a frequency lies among the rows of the picture."""
    low, high = hz_to_mel(log_mel.fmin), hz_to_mel(log_mel.fmax)
    return float((hz_to_mel(hz) - low) / (high - low) * (log_mel.n_mels + 1) - 1)


def _draw_log_mel(axes: Axes, sound: TaggedSound) -> None:
    log_mel = log_mel_for(sound.sample_rate)
    picture = log_mel(sound.samples[None]).numpy()[0, :, :, 0]
    extent = (0, sound.seconds, -0.5, log_mel.n_mels - 0.5)
    axes.imshow(picture, cmap="magma", aspect="auto", origin="lower", extent=extent, interpolation="none")
    ticks = {text: row_of(hz, log_mel) for hz, text in TICKS.items() if hz < log_mel.fmax}
    axes.set_yticks(list(ticks.values()), list(ticks))
    _title(axes, f"Log-mel, Hz, over {log_mel.top_db:g} dB")


def _draw_tags(axes: Axes, sound: TaggedSound, labels: list[str], rows: np.ndarray) -> None:
    """Each moment has the scores of the window centred nearest to it."""
    moments = np.linspace(0, sound.seconds, MOMENTS)
    nearest = np.abs(moments[:, None] - sound.centres).argmin(axis=1)
    extent = (0, sound.seconds, len(labels) - 0.5, -0.5)
    shown = {"cmap": CLEAR_TO_ORANGE, "vmin": 0, "vmax": 1, "interpolation": "none"}
    axes.imshow(rows[:, nearest], aspect="auto", extent=extent, **shown)
    letters = round(LETTERS_PER_INCH * axes.get_figure().get_figwidth())
    names = [shortened(label, letters) for label in labels]
    axes.set_yticks(range(len(labels)), names, parse_math=False)
    axes.set_xlabel("seconds", color=INK, fontsize=FONT)
    _title(axes, f"Tags, {sound.window_seconds:g} s around each moment")


def _title(axes: Axes, text: str) -> None:
    axes.set_title(text, loc="left", color=INK, fontsize=FONT)


def _data_uri(figure: Figure) -> str:
    file = io.BytesIO()
    figure.savefig(file, format="svg", transparent=True)
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()

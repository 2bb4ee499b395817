"""A run in TensorBoard, beside its folds: what it is, the mean of its folds, and its results."""

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams import api_pb2
from tensorboard.plugins.hparams.summary import session_end_pb
from tensorboard.plugins.hparams.summary_v2 import hparams_pb

from fat_tf import config
from fat_tf.files import read_text
from fat_tf.runs.directory import RunDirectory
from fat_tf.runs.environment import ENVIRONMENT
from fat_tf.training.board.chosen import chosen_classes
from fat_tf.training.board.clips import ValidationClips
from fat_tf.training.board.event_file import EventFile, written_anew
from fat_tf.training.board.harmless import Harmless
from fat_tf.training.board.hyperparameters import hyperparameters
from fat_tf.training.board.names import curves, layout, results
from fat_tf.training.board.settings import Board
from fat_tf.training.board.summaries import block, precision_recall, tag, text
from fat_tf.training.board.words import data_in_words, environment_in_words, model_in_words
from fat_tf.training.networks import Networks
from fat_tf.training.run_data import RunData

MEAN, RESULTS = "mean_of_folds", "results"  # folders
BEGINNING, END = "beginning", "end"  # files of the folders
COUNTED = ["stage", "epoch"]


class RunBoard:
    """Event files of a run as a whole; each is written anew, so that nothing is there twice.

    Args:
        run: its folder.
        settings: what is shown.
    """

    def __init__(self, run: RunDirectory, settings: Board):
        self._run, self._settings = run, settings
        self._harmless = Harmless(f"TensorBoard shows no more of {run.folder}")

    def begin(self, data: RunData, networks: Networks, graph: tf.Graph) -> None:
        """Show what the run is, before it trains; `graph`: that scores a batch."""
        self._harmless(self._begin, data, networks, graph)

    def end(self, metrics: Mapping[str, object], histories: Sequence[pd.DataFrame], clips: ValidationClips) -> None:
        """Show the results.

        Args:
            metrics: of metrics.json.
            histories: history.csv of each fold.
            clips: scored out of fold.
        """
        if len(histories) > 1:
            self._harmless(self._write_mean, histories, metrics["steps"])
        self._harmless(self._write_results, metrics, clips)

    def _begin(self, data: RunData, networks: Networks, graph: tf.Graph) -> None:
        file = written_anew(self._run.folder / RESULTS, BEGINNING)
        environment = json.loads(read_text(self._run.folder / ENVIRONMENT))
        texts = {
            "run/recipe": block(config.operative()),
            "run/data": data_in_words(data),
            "run/model": model_in_words(networks.network),
            "run/environment": environment_in_words(environment),
        }
        for name, markdown in texts.items():
            file.add(text(name, markdown), 0)
        file.add(layout(), 0)
        file.add(hparams_pb(hyperparameters(data, networks), trial_id=tag(self._run.folder.resolve().name)), 0)
        file.add_graph(graph)
        file.flush()

    def _write_mean(self, histories: Sequence[pd.DataFrame], steps: Sequence[int]) -> None:
        """Curves of the mean over the folds, as far as all of them went."""
        file = written_anew(self._run.folder / MEAN, END)
        for step, row in mean_history(histories, steps):
            _add(file, curves(row), step)
        file.flush()

    def _write_results(self, metrics: Mapping[str, object], clips: ValidationClips) -> None:
        file, step = written_anew(self._run.folder / RESULTS, END), max(metrics["steps"])
        per_class = clips.lwlrap_by_class()
        chosen = chosen_classes(per_class, self._settings.classes, clips.vocabulary)
        _add(file, results(metrics), step)
        _add(file, _precision_recall(clips, chosen), step)
        if self._settings.share:
            _add(file, _pictures(clips, per_class, metrics["lwlrap"], chosen), step)
        file.add(session_end_pb(api_pb2.STATUS_SUCCESS), step)
        file.flush()


def _add(file: EventFile, summaries: Iterator[Summary], step: int) -> None:
    for summary in summaries:
        file.add(summary, step)


def _precision_recall(clips: ValidationClips, classes: Sequence[int]) -> Iterator[Summary]:
    yield precision_recall("all classes", clips.truth, clips.scores)
    for k in classes:
        yield precision_recall(tag(clips.vocabulary[k]), clips.truth[:, k], clips.scores[:, k])


def _pictures(
    clips: ValidationClips, per_class: np.ndarray, overall: float, classes: Sequence[int]
) -> Iterator[Summary]:
    from fat_tf.training.board import pictures, result_figures  # matplotlib takes its time

    yield pictures.as_summary("out of fold/lwlrap by class", result_figures.class_bars(per_class, overall, clips))
    yield pictures.as_summary("out of fold/confusions", pictures.confusion_figure(clips))
    yield pictures.as_summary("out of fold/ROC", result_figures.roc_figure(clips, classes))


def mean_history(histories: Sequence[pd.DataFrame], steps: Sequence[int]) -> list[tuple[int, dict[str, float]]]:
    """(optimiser steps, values) of each epoch that all folds have, means over the folds.

    An epoch of a fold counts as many steps as its others: folds differ by a step or so in an epoch.

    Args:
        histories: of each fold, in the order of training.
        steps: of each fold, in all.
    """
    of_epochs = pd.concat(
        history.assign(steps=total * np.arange(1, len(history) + 1) / len(history))
        for history, total in zip(histories, steps, strict=True)
    )
    grouped = of_epochs.groupby(COUNTED, sort=False)
    means = grouped.mean()[grouped.size() == len(histories)]
    return [(round(row.pop("steps")), row) for row in means.to_dict("records")]

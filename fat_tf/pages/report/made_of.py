"""What a run was made of: its recipe as the difference from base.gin, its machine, time and disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fat_tf.config import Scan
from fat_tf.errors import counted
from fat_tf.files import size_of
from fat_tf.pages.report.run_view import RunView
from fat_tf.runs.file_names import CONFIG
from fat_tf.terminal import clock

BASE = "base.gin"


@dataclass(frozen=True)
class Binding:
    """A parameter: name, its value here and in base.gin, as texts; an empty text where it is not bound."""

    name: str
    here: str
    base: str


def recipe_difference(run: Path) -> list[Binding]:
    """What the run's configuration binds otherwise than base.gin, macros first."""
    if not (run / CONFIG).is_file():
        return []
    here, base = _bindings(run / CONFIG), _bindings(BASE)
    names = sorted((name for name in here if here[name] != base.get(name, "")), key=lambda name: ("." in name, name))
    return [Binding(name, here[name], base.get(name, "")) for name in names]


def _bindings(file: str | Path) -> dict[str, str]:
    return {binding.name: repr(binding.value) for binding in Scan([str(file)], ()).bindings}


def surroundings(run: RunView) -> Iterator[tuple[str, str]]:
    """(what, value) of command, model, stages, time, disk, versions and machine; what is not known is left out."""
    environment, folds = run.facts.environment, counted(len(run.facts.networks), "fold")
    said = {
        "Trained by": run.facts.command,
        "Model": run.facts.model,
        "Stages": ", then ".join(run.facts.stages),
        "Training time": f"{clock(run.facts.metrics['seconds'])} for {folds}",
        "Disk": f"{size_of(run.folder) / 1e6:.1f} MB",
        "Commit": environment.get("commit"),
        "Python": environment.get("python"),
        "Platform": environment.get("platform"),
        "Devices": ", ".join(environment.get("devices", [])),
        "Packages": ", ".join(f"{name} {number}" for name, number in environment.get("packages", {}).items()),
    }
    return ((name, text) for name, text in said.items() if text)

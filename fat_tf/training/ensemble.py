"""Members of an ensemble: runs of different configurations on the same data, below one folder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import gin

from fat_tf import config
from fat_tf.errors import UserError, listed
from fat_tf.training.executor import Executor
from fat_tf.training.recipe import Recipe
from fat_tf.training.run import train


@gin.register
@dataclass(frozen=True)
class Member:
    """A run of an ensemble.

    Args:
        name: of its folder.
        gin_files: its configuration, after the files of the ensemble.
        gin_params: bindings that win over the files, and over those of the ensemble.
    """

    name: str
    gin_files: tuple[str, ...] = ()
    gin_params: tuple[str, ...] = ()


@gin.register
@dataclass(frozen=True)
class Ensemble:
    """Runs that are to be blended.

    Args:
        members: in the order of training.
        gin_files: configuration that all members share, as after --gin_file.
        gin_params: bindings that all members share.
        seeds: each member is trained once with each, as NAME_SEED; "{seed}" in its bindings is the seed. None: once.

    Raises:
        UserError: no members, or a name or a seed twice.
    """

    members: tuple[Member, ...]
    gin_files: tuple[str, ...] = ()
    gin_params: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    def __post_init__(self):
        names = [member.name for member in self.runs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or not names:
            raise UserError(f"Ensemble.members: {f'named twice: {listed(twice)}' if twice else 'there are none'}")

    @property
    def runs(self) -> list[Member]:
        """The members as they are trained: each once, or once with each seed."""
        if not self.seeds:
            return list(self.members)
        return [_seeded(member, seed) for member in self.members for seed in self.seeds]


def _seeded(member: Member, seed: int) -> Member:
    params = [param.replace("{seed}", str(seed)) for param in member.gin_params]
    return replace(member, name=f"{member.name}_{seed}", gin_params=(*params, f"SEED={seed}"))


def train_ensemble(
    ensemble: Ensemble,
    run_dir: str | Path,
    data_dir: str | Path | None = None,
    cache_dir: str | Path | None = None,
    folds: Sequence[int] | None = None,
    gin_params: Sequence[str] = (),
    folds_from: str | Path | None = None,
    executor: Executor = Executor(),  # noqa: B008 (it holds nothing)
) -> bool:
    """Train every member, or what is missing of it; arguments as in `train`, bindings for all members.

    Returns:
        Whether this process has written them; not in a worker that is not the chief of a distribution.

    Raises:
        UserError: as `train`; all configurations are read before the first member is trained.
    """
    gin_params = config.unread(gin_params)  # the ensemble itself has read the others
    for member in ensemble.runs:
        recipe_of(ensemble, member, gin_params, Path(run_dir))
    for number, member in enumerate(ensemble.runs, start=1):
        folder = Path(run_dir) / member.name
        print(f"Member {number} of {len(ensemble.runs)}: {member.name} in {folder}", flush=True)
        recipe = recipe_of(ensemble, member, gin_params, Path(run_dir))
        metrics = train(recipe, folder, data_dir, cache_dir, folds, gin_params, folds_from, executor)
    return bool(metrics)


def recipe_of(
    ensemble: Ensemble, member: Member, gin_params: Sequence[str] = (), run_dir: Path | None = None
) -> Recipe:
    """A member's recipe, with the own modules that its run below `run_dir` keeps; it stays the parsed configuration."""
    params = [*ensemble.gin_params, *member.gin_params, *gin_params]
    kept = [run_dir / member.name / config.OWN_PARTS] if run_dir else []
    config.load([*ensemble.gin_files, *member.gin_files], params, kept)
    return config.make("Recipe")

"""Members of an ensemble: runs of different configurations on the same data, below one folder."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import gin

from fat_tf import config
from fat_tf.config.messages import did_you_mean
from fat_tf.data.builtin import open_dataset
from fat_tf.errors import UserError, listed
from fat_tf.training.executor import Executor
from fat_tf.training.inputs import Inputs
from fat_tf.training.recipe import Recipe
from fat_tf.training.run import train

SEEDS = ("SEED", "Recipe.seed")


@dataclass(frozen=True)
class Member:
    """A run of an ensemble.

    Args:
        name: of its folder.
        gin_files: its configuration, after the files of the ensemble.
        gin_params: bindings that win over the files, and over those of the ensemble.
        seed: one of the ensemble's; None: the configuration's.
    """

    name: str
    gin_files: tuple[str, ...] = ()
    gin_params: tuple[str, ...] = ()
    seed: int | None = None

    @classmethod
    def of(cls, said: tuple) -> "Member":
        """The member of ('NAME', 'FILE.gin', 'BINDING = VALUE', …): tuples in it, like macros, are as their items.

        Raises:
            UserError: no such tuple.
        """
        name, *parts = _flat(said) if isinstance(said, tuple | list) and said else [""]
        if not name or "=" in name or name.endswith(".gin"):
            raise UserError(f"Ensemble.members: a member is ('NAME', 'FILE.gin', 'BINDING = VALUE', …), not {said!r}")
        if name in (".", "..") or name != Path(name).name or name != name.strip():
            raise UserError(f"Ensemble.members: {name!r} is no name of a folder: leave out / and spaces around it")
        if odd := [part for part in parts if "=" not in part and not part.endswith(".gin")]:
            raise UserError(f"Ensemble.members: {name} has {listed(odd)}: neither a file, FILE.gin, nor a binding")
        files = tuple(part for part in parts if part.endswith(".gin"))
        return cls(name, files, tuple(part for part in parts if part not in files))


@gin.register
@dataclass(frozen=True)
class Ensemble:
    """Runs that are to be blended.

    Args:
        members: in the order of training, each as `Member.of` takes it.
        only: names of those that are trained; None: all.
        gin_files: configuration that all members share, as after --gin_file.
        gin_params: bindings that all members share.
        seeds: each member is trained once with each, as NAME_SEED; "{seed}" in its bindings is the seed. (): once.

    Raises:
        UserError: no members, a name or a seed twice, or `only` a name that none has.
    """

    members: tuple[tuple, ...]
    only: tuple[str, ...] | None = None
    gin_files: tuple[str, ...] = ()
    gin_params: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()

    def __post_init__(self):
        names = [member.name for member in map(Member.of, self.members)]
        if unknown := sorted(set(self.only or ()) - set(names)):
            hint = did_you_mean(unknown[0], names) or f". There are: {listed(names)}"
            raise UserError(f"Ensemble.only: there is no member {listed(unknown)}{hint}")
        if self.only is not None and not self.only:
            raise UserError("Ensemble.only names no member: leave it out to train all")
        if len(set(self.seeds)) < len(self.seeds):
            raise UserError(f"Ensemble.seeds: one is there twice: {listed(self.seeds)}")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or not names:
            raise UserError(f"Ensemble.members: {f'named twice: {listed(twice)}' if twice else 'there are none'}")

    @property
    def runs(self) -> list[Member]:
        """The members as they are trained: each once, or once with each seed."""
        members = [member for member in map(Member.of, self.members) if self.only is None or member.name in self.only]
        return [_seeded(member, seed) for member in members for seed in self.seeds] if self.seeds else members


def _flat(said: tuple | list) -> Iterator[str]:
    """Strings of tuples within tuples: gin nests macros, and joins none."""
    for part in said:
        yield from _flat(part) if isinstance(part, tuple | list) else [str(part)]


def _seeded(member: Member, seed: int) -> Member:
    params = [param.replace("{seed}", str(seed)) for param in member.gin_params]
    return replace(member, name=f"{member.name}_{seed}", gin_params=(*params, f"SEED={seed}"), seed=seed)


def train_ensemble(
    ensemble: Ensemble,
    run_dir: str | Path,
    inputs: Inputs = Inputs(),  # noqa: B008 (it is frozen)
    gin_params: Sequence[str] = (),
    executor: Executor = Executor(),  # noqa: B008 (it holds nothing)
) -> bool:
    """Train every member, or what is missing of it; arguments as in `train`, bindings for all members.

    Returns:
        Whether this process has written them; not in a worker that is not the chief of a distribution.

    Raises:
        UserError: as `train`; all configurations are read before the first member is trained.
    """
    gin_params = params_of_members(ensemble, gin_params)
    check_noisy(ensemble, check_members(ensemble, gin_params, Path(run_dir)), inputs.data_dir)
    for number, member in enumerate(ensemble.runs, start=1):
        folder = Path(run_dir) / member.name
        print(f"Member {number} of {len(ensemble.runs)}: {member.name} in {folder}", flush=True)
        recipe = recipe_of(ensemble, member, gin_params, Path(run_dir))
        metrics = train(recipe, folder, inputs, executor=executor)
    return bool(metrics)


def params_of_members(ensemble: Ensemble, gin_params: Sequence[str]) -> list[str]:
    """The bindings of a command line that are for the members: those that the ensemble itself has not read.

    What a member has no use for it passes over, as it does with what `Ensemble.gin_params` binds for all.

    Raises:
        UserError: one seed for members that have seeds of their own.
    """
    for_members = config.unread(gin_params)
    seeds = [param for param in for_members if _binds_seed(param)]
    if seeds and (twice := [member.name for member in ensemble.runs if any(map(_binds_seed, member.gin_params))]):
        raise UserError(
            f"{listed(seeds)} would give all members one seed, and some have their own ({listed(twice, 3)}): leave it "
            'out, or bind Ensemble.seeds if it has them, like --gin_param="Ensemble.seeds=(7,)"'
        )
    return for_members


def _binds_seed(param: str) -> bool:
    return param.split("=")[0].strip() in SEEDS


def check_members(ensemble: Ensemble, gin_params: Sequence[str], run_dir: Path | None = None) -> dict[str, Recipe]:
    """The recipe of each member by its name, before the first is trained.

    Args:
        run_dir: where members are, or will be; None: a scorer that is no member may be there.

    Raises:
        ConfigError: values that a recipe does not take; a binding in a scope that no recipe has.
        UserError: a recipe that cannot be, a seed that a file binds for all, a member whose scorer will not be there
            or sees other pictures.
    """
    recipes, left, parsed = {}, list(gin_params), ""
    for member in ensemble.runs:
        recipe = recipes[member.name] = recipe_of(ensemble, member, gin_params, run_dir)
        if member.seed not in (None, recipe.seed):
            raise UserError(
                f"Member {member.name} would be trained with seed {recipe.seed}: leave out Recipe.seed, which wins "
                "over Ensemble.seeds, or bind it to %SEED"
            )
        left = config.unread(left)
        parsed += config.parsed()
    scopes = {param: param.split("=")[0].strip().rpartition("/")[0] for param in left}
    if scoped := [param for param, scope in scopes.items() if scope and not _is_made_later(scope, parsed)]:
        raise config.ConfigError(f"No member reads --gin_param {listed(scoped)}")
    _check_scorers(recipes, run_dir)
    return recipes


def _is_made_later(scope: str, parsed: str) -> bool:
    """Whether a configuration names a part in this scope other than a stage: those are made when models are built."""
    return re.search(rf"@{re.escape(scope)}/(?!Stage\()", parsed) is not None


def _check_scorers(recipes: Mapping[str, Recipe], run_dir: Path | None) -> None:
    """Raise a UserError where a member's scorer will not be there, or is a member that draws other pictures."""
    names = list(recipes)
    for number, (name, recipe) in enumerate(recipes.items()):
        for scorer in recipe.scorer_runs:
            there = run_dir is None or Path(scorer).is_dir() or (run_dir / scorer).is_dir()
            if scorer in names[number:] or not (there or scorer in names):
                raise UserError(
                    f"Member {name} is scored by {scorer}, which is neither there nor trained before: name it before "
                    f"{name} in Ensemble.members (and in Ensemble.only), or another one in Recipe.scorer_run"
                )
            asked = recipe.judged_parts and scorer in names
            if asked and recipes[scorer].front_end.key != recipe.front_end.key:
                own = "Recipe.scorer_run = None, and it trains a scorer of its own"
                remedy = f"give {name} {own}" if recipe.scorer_stages else "name one of the same FrontEnd"
                raise UserError(f"Member {name} is scored by {scorer}, which has another FrontEnd: {remedy}")


def check_noisy(ensemble: Ensemble, recipes: Mapping[str, Recipe], data_dir: str | Path | None) -> None:
    """Raise a UserError where members take noisy clips, and the data set has none; recipes by the runs' names."""
    takes = {run.name.removesuffix(f"_{run.seed}"): recipes[run.name].uses_noisy for run in ensemble.runs}
    if any(takes.values()) and (dataset := open_dataset(data_dir)).of("noisy").empty:
        others = listed((name for name in takes if not takes[name]), len(takes))
        raise UserError(
            f"{dataset.folder} has no noisy clips, and members take some: {listed(filter(takes.get, takes))}; name "
            f"those in Ensemble.only that do without{f': {others}' if others else ''}"
        )


def recipe_of(
    ensemble: Ensemble, member: Member, gin_params: Sequence[str] = (), run_dir: Path | None = None
) -> Recipe:
    """A member's recipe, with the own modules that its run below `run_dir` keeps; it stays the parsed configuration."""
    params = [*ensemble.gin_params, *member.gin_params, *gin_params]
    kept = [run_dir / member.name / config.OWN_PARTS] if run_dir else []
    try:
        config.load([*ensemble.gin_files, *member.gin_files], params, kept)
        return config.make("Recipe")
    except (config.ConfigError, UserError) as error:
        kind = UserError if isinstance(error, UserError) else config.ConfigError  # gin raises kinds of its own
        raise kind(f"Member {member.name}: {error.message}") from error

"""Whether the machines of a cluster can do the work: looked at before it begins."""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from fat_tf.cluster import probe
from fat_tf.cluster.tasks import Resources
from fat_tf.errors import UserError, listed

ANSWERED = 60.0  # seconds within which a machine starts a process and says what it has


def check_workers(resources: Resources, read: Mapping[str, str], written: Mapping[str, str]) -> None:
    """Look at every machine of the cluster that is connected.

    Args:
        resources: that one of them is to have.
        read: places, by their flag, that all of them must see.
        written: folders that they share with this process; made if they are not there, and removed again.

    Raises:
        UserError: what they lack, or where they differ from this process.
    """
    import ray

    nodes = [node for node in ray.nodes() if node["Alive"]]
    check_room(resources, [node["Resources"] for node in nodes])
    with ExitStack() as stack:
        marks = {name: stack.enter_context(_mark_in(Path(place), name)) for name, place in written.items()}
        seen = {name: os.path.abspath(place) for name, place in {**read, **marks}.items()}
        here, there = probe.probe({}), _answers(nodes, seen)
        for worker in there:
            check_same(here, worker, {**read, **written})


def check_room(resources: Resources, nodes: list[Mapping[str, float]]) -> None:
    """Raise a UserError where no machine has what a task takes."""
    wanted = {"CPU": resources.cpus, "GPU": resources.gpus}
    if not any(all(node.get(kind, 0) >= number for kind, number in wanted.items()) for node in nodes):
        there = listed(f"{node.get('CPU', 0):g} CPUs and {node.get('GPU', 0):g} GPUs" for node in nodes)
        raise UserError(
            f"RayExecutor: a task takes {resources.cpus} CPUs and {resources.gpus:g} GPUs, and no machine of the "
            f"cluster has them together; there are machines of {there}"
        )


@contextmanager
def _mark_in(folder: Path, name: str) -> Iterator[Path]:
    """A file that is only seen by who sees the same folder."""
    made = [place for place in (folder, *folder.parents) if not place.exists()]
    mark = folder / f".seen-{uuid.uuid4().hex[:8]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
    except OSError as error:
        raise UserError(f"{name}={folder} cannot be written to ({error.strerror}): choose another one") from error
    try:
        yield mark
    finally:
        mark.unlink()
        with suppress(OSError):  # the first that is not empty
            for place in made:
                place.rmdir()


def _answers(nodes: list[Mapping[str, object]], places: dict[str, str]) -> list[dict[str, str]]:
    """What each machine says of itself."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.cloudpickle.register_pickle_by_value(probe)
    asked = {}
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        task = ray.remote(num_cpus=0, max_retries=0)(probe.probe).options(scheduling_strategy=there)
        asked[task.remote(places)] = node["NodeManagerAddress"]
    try:
        return ray.get(list(asked), timeout=ANSWERED)
    except ray.exceptions.RayError as error:
        raise UserError(
            f"The workers on {listed(asked.values())} do not answer ({' '.join(str(error).split())[:300]}): look at "
            "`ray status`"
        ) from error


def check_same(here: Mapping[str, str], worker: Mapping[str, str], places: Mapping[str, str]) -> None:
    """Raise a UserError where a worker has other versions, or does not see a place."""
    where = f"The Ray worker on {worker['host']}"
    differing = [
        f"{name} {worker[name]} (here {version})"
        for name, version in here.items()
        if name != "host" and worker[name] != version
    ]
    if differing:
        raise UserError(f"{where} has {listed(differing)}: install the same there, so that results are the same")
    missing = [f"{name}={place}" for name, place in places.items() if f"missing {name}" in worker]
    if missing:
        raise UserError(f"{where} does not see {listed(missing)}: put it on storage that all machines share")

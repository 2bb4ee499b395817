"""What runs of a folder may differ in, for TensorBoard's table of them."""

import ast

from fat_tf import config
from fat_tf.names import spelled
from fat_tf.training.networks import Networks
from fat_tf.training.run_data import RunData

LONGEST = 80  # letters of a value
LEFT_OUT = ("Board.", "Bootstrap.", "Recipe.board", "Recipe.profile")  # they change nothing of what is trained


def hyperparameters(data: RunData, networks: Networks) -> dict[str, bool | float | str]:
    """Data, model and what the configuration binds, by the names that a command line would use."""
    bound = {name: _value(text) for name, text in config.bindings(config.operative()).items()}
    told = {name: value for name, value in bound.items() if value is not None and not _is_left_out(name)}
    model = {"model": networks.network.name, "parameters": networks.network.count_params()}
    return {"data": spelled(data.dataset.folder.name), "clips": len(data.clips)} | model | told


def _is_left_out(name: str) -> bool:
    return name.startswith(LEFT_OUT) or name.endswith(".name")


def _value(text: str) -> bool | float | str | None:
    """A number, a truth, or a text as it was written; None of what a macro says already."""
    if text.startswith("%"):
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    if isinstance(value, bool | int | float):
        return value
    return spelled(value if isinstance(value, str) else text)[:LONGEST]

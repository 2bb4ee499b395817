"""Keras knows the package's layers as soon as both are imported: `keras.models.load_model` then reads model.keras."""

import importlib
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

LAYERS = ("fat_tf.audio", "fat_tf.layers")  # they register themselves


def make_known() -> None:
    """Have Keras know them: now, or where it is not imported yet (it takes seconds), when it is."""
    if "keras" in sys.modules:
        _import_layers()
    else:
        sys.meta_path.insert(0, _WhenKerasComes())


def _import_layers() -> None:
    for module in LAYERS:
        importlib.import_module(module)


class _WhenKerasComes(MetaPathFinder):
    """Finds Keras, and nothing else, where it is found without this; the layers are imported after it."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name) if name == "keras" else None
        if spec:
            execute = spec.loader.exec_module

            def execute_and_import(module: ModuleType) -> None:
                sys.meta_path.remove(self)
                execute(module)
                _import_layers()

            spec.loader.exec_module = execute_and_import
        return spec

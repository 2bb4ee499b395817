"""Optimisers and losses of Keras, to be named like @keras.optimizers.AdamW, @keras.losses.BinaryFocalCrossentropy."""

import gin
import keras


def _register(module: str, base: type) -> None:
    for part in vars(getattr(keras, module)).values():
        if isinstance(part, type) and issubclass(part, base) and part is not base:
            gin.external_configurable(part, module=f"keras.{module}")


_register("optimizers", keras.optimizers.Optimizer)
_register("losses", keras.losses.Loss)

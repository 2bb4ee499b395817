"""Parts of Keras, to be named like @keras.optimizers.AdamW: optimisers, losses, global pooling."""

import gin
import keras


def _register(module: str, base: type) -> None:
    for part in vars(getattr(keras, module)).values():
        if isinstance(part, type) and issubclass(part, base) and part is not base:
            gin.external_configurable(part, module=f"keras.{module}")


_register("optimizers", keras.optimizers.Optimizer)
_register("losses", keras.losses.Loss)
for pooling in (keras.layers.GlobalMaxPooling2D, keras.layers.GlobalAveragePooling2D):
    gin.external_configurable(pooling, module="keras.layers")

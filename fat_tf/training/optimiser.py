"""Adam as PyTorch has it: coupled L2, gradients clipped by element."""

import gin
import keras
import tensorflow as tf
from keras import ops

DECAYED = ("kernel", "gamma", "alpha")  # convolutions and Dense layers, batch norm scales, PReLU slopes


@gin.register
@keras.saving.register_keras_serializable("fat_tf")
class CoupledAdam(keras.optimizers.Optimizer):
    """Adam (Kingma and Ba, 2015) with the L2 term added to the clipped gradient, as torch.optim.Adam computes it.

    g = clip(gradient, ±clip) + l2 · weight for weights named kernel, gamma or alpha; without the l2 term for
    biases and betas. Epsilon is added after both bias corrections (keras.optimizers.Adam: before).

    Args:
        learning_rate: start value.
        l2: factor of the weight in the gradient.
        clip: largest magnitude of a gradient's element.
        beta_1, beta_2: decay of the moments.
        epsilon: added to the root of the second moment.

    Raises:
        ValueError: a value out of its range.
    """

    def __init__(
        self,
        learning_rate: float = 1e-3,
        l2: float = 0.01,
        clip: float = 1.0,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        name: str = "coupled_adam",
    ):
        super().__init__(learning_rate=learning_rate, name=name)
        if l2 < 0 or clip <= 0 or epsilon <= 0 or not (0 <= beta_1 < 1 and 0 <= beta_2 < 1):
            raise ValueError(
                "CoupledAdam: l2 is 0 or more, clip and epsilon above 0, beta_1 and beta_2 from 0 to below 1; not "
                f"{l2:g}, {clip:g}, {epsilon:g}, {beta_1:g}, {beta_2:g}"
            )
        self.l2 = l2
        self.clip = clip
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self._decays = [variable.path.rsplit("/", 1)[-1] in DECAYED for variable in variables]
        self._first, self._second = self.add_optimizer_variables(variables, ["momentum", "velocity"])

    def _all_reduce_sum_gradients(self, grads_and_vars):
        # On one device there is nothing to sum. TensorFlow's all_reduce registers a gradient for good while a graph is
        # traced, and with it would keep all variables of a finished stage in memory.
        if self._distribution_strategy.num_replicas_in_sync == 1:
            return grads_and_vars
        return super()._all_reduce_sum_gradients(grads_and_vars)

    def update_step(self, gradient, variable, learning_rate):
        index, dtype = self._get_variable_index(variable), variable.dtype
        gradient = ops.clip(ops.cast(gradient, dtype), -self.clip, self.clip)
        if self._decays[index]:
            gradient = gradient + self.l2 * variable
        step = ops.cast(self.iterations + 1, dtype)
        rest = 1 - ops.power(self.beta_2, step)
        tf.raw_ops.ResourceApplyAdam(  # one pass over the memory; composed of operations it takes ten
            var=_handle(variable),
            m=_handle(self._first[index]),
            v=_handle(self._second[index]),
            beta1_power=ops.power(self.beta_1, step),
            beta2_power=1 - rest,
            lr=ops.cast(learning_rate, dtype),
            beta1=ops.cast(self.beta_1, dtype),
            beta2=ops.cast(self.beta_2, dtype),
            epsilon=self.epsilon * ops.sqrt(rest),  # the kernel adds it before it corrects the root
            grad=gradient,
        )

    def get_config(self):
        config = super().get_config()
        return {
            "learning_rate": config["learning_rate"],
            "name": self.name,
            **{name: getattr(self, name) for name in ("l2", "clip", "beta_1", "beta_2", "epsilon")},
        }


def _handle(variable):
    """The resource of a Keras or TensorFlow variable."""
    return variable.value.handle if isinstance(variable, keras.Variable) else variable.handle

"""Adam as PyTorch has it: coupled L2, gradients clipped by element."""

import gin
import keras
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
        step = ops.cast(self.iterations + 1, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        index = self._get_variable_index(variable)
        first, second = self._first[index], self._second[index]
        gradient = ops.clip(ops.cast(gradient, variable.dtype), -self.clip, self.clip)
        if self._decays[index]:
            gradient = gradient + self.l2 * variable
        self.assign_add(first, (gradient - first) * (1 - self.beta_1))
        self.assign_add(second, (ops.square(gradient) - second) * (1 - self.beta_2))
        root = ops.sqrt(second / (1 - ops.power(self.beta_2, step))) + self.epsilon
        self.assign_sub(variable, rate / (1 - ops.power(self.beta_1, step)) * first / root)

    def get_config(self):
        config = super().get_config()
        return {
            "learning_rate": config["learning_rate"],
            "name": self.name,
            **{name: getattr(self, name) for name in ("l2", "clip", "beta_1", "beta_2", "epsilon")},
        }

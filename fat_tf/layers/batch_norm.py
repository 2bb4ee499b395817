"""Batch normalisation as PyTorch has it, with TensorFlow's fused kernel where there is one."""

from functools import partial

import keras
import tensorflow as tf
from keras import ops

FUSED_DTYPES = ("float32", "bfloat16", "float16")


@keras.saving.register_keras_serializable("fat_tf")
class BatchNormalization(keras.layers.BatchNormalization):
    """keras.layers.BatchNormalization whose moving variance is of unbiased variances, as in torch.nn.BatchNorm2d.

    Keras composes the layer of elementary operations on a float32 copy. Here the training step of pictures (batch,
    rows, columns, channels) is `FusedBatchNormV3`, forwards and backwards in their own dtype, unless several replicas
    are to share their statistics. Arguments, weights and outputs are Keras'; masks and `renorm` are left to it.
    """

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable) or mask is not None or self.renorm:
            return super().call(inputs, training=training, mask=mask)
        return self._fused(inputs) if self._can_be_fused(inputs) else self._composed(inputs)

    def _can_be_fused(self, inputs) -> bool:
        channels_last = len(inputs.shape) == 4 and self.axis in (-1, 3)
        return channels_last and inputs.dtype in FUSED_DTYPES and not self._many_replicas()

    def _many_replicas(self) -> bool:
        """Whether statistics are to be shared. With one replica a reduction would only keep its graph in memory."""
        return self.synchronized and tf.distribute.get_strategy().num_replicas_in_sync > 1

    def _fused(self, inputs):
        gamma, beta = self._transform("float32")
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=gamma,
            offset=beta,
            mean=ops.cast(self.moving_mean, "float32"),
            variance=ops.cast(self.moving_variance, "float32"),
            epsilon=self.epsilon,
            exponential_avg_factor=1 - self.momentum,
            is_training=True,
        )
        self.moving_mean.assign(mean)
        self.moving_variance.assign(variance)
        return outputs

    def _composed(self, inputs):
        exact = ops.cast(inputs, keras.backend.result_type(inputs.dtype, "float32"))
        mean, variance, count = self._batch_moments(exact)
        unbiased = variance * count / ops.maximum(count - 1, 1)  # of a single value: 0, not 0 / 0
        for moving, of_batch in ((self.moving_mean, mean), (self.moving_variance, unbiased)):
            moving.assign(ops.cast(moving, exact.dtype) * self.momentum + of_batch * (1 - self.momentum))
        gamma, beta = self._transform(exact.dtype)
        return ops.cast(
            ops.batch_normalization(exact, mean, variance, self.axis, beta, gamma, self.epsilon), self.compute_dtype
        )

    def _batch_moments(self, inputs):
        """Mean and variance of each channel, and of how many values; over all replicas, in two passes.

        Keras' way in one, E[x²] − E[x]², loses digits. A last batch may be split unequally.
        """
        channels, axes = inputs.shape[self.axis], list(self._reduction_axes)
        count = ops.cast(ops.size(inputs), inputs.dtype) / channels
        if not self._many_replicas():
            return *ops.moments(inputs, axes), count
        all_reduce = partial(tf.distribute.get_replica_context().all_reduce, tf.distribute.ReduceOp.SUM)
        sums = all_reduce(tf.concat([tf.reduce_sum(inputs, axes), [count]], 0))
        mean, count = sums[:-1] / sums[-1], sums[-1]
        shape = [channels if axis == self.axis % len(inputs.shape) else 1 for axis in range(len(inputs.shape))]
        squares = tf.reduce_sum(tf.square(inputs - tf.reshape(mean, shape)), axes)
        return mean, all_reduce(squares) / count, count

    def _transform(self, dtype):
        """(gamma, beta)."""
        gamma = self.gamma if self.scale else ops.ones_like(self.moving_mean)
        beta = self.beta if self.center else ops.zeros_like(self.moving_mean)
        return ops.cast(gamma, dtype), ops.cast(beta, dtype)

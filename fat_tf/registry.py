"""Imports all that a configuration may name; `import fat_tf.registry` stands at the top of gin/base.gin.

Each part registers itself beside its definition, with `gin.register` or `gin.external_configurable`.
"""

import fat_tf.audio
import fat_tf.blending.blend
import fat_tf.cluster.executor
import fat_tf.cluster.sweep
import fat_tf.data.fold_assignment
import fat_tf.data.synthetic
import fat_tf.data.tables
import fat_tf.inference.predictor
import fat_tf.layers
import fat_tf.metrics
import fat_tf.models
import fat_tf.training  # noqa: F401

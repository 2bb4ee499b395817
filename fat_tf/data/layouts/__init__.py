"""Where the tables and the sounds of a data set lie: one module a layout, each with a function of the folder.

Such a function returns the layout, or None where the folder is something else.
"""

from fat_tf.data.layouts.layout import Layout, Part

__all__ = ["Layout", "Part"]

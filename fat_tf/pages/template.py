"""Pages from templates: one file each, with nothing loaded from elsewhere; every text is escaped."""

from jinja2 import Environment, PackageLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=PackageLoader("fat_tf.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(template: str, **values: object) -> str:
    """The text of a template of `fat_tf/pages/templates`.

    Args:
        template: name of its file.
        values: texts are escaped; what is to stand as it is must be Markup.

    Raises:
        jinja2.UndefinedError: it asks for a value that is not given.
    """
    return _TEMPLATES.get_template(template).render(**values)

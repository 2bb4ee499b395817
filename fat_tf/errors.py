"""The one exception that is shown to people as a line, not as a traceback."""


class UserError(Exception):
    """Something the user can mend: says what is wrong, where, and the remedy.

    The command-line tools print the message on stderr and exit with status 2.
    """

"""The error tree: what can go wrong that a person can mend.

Every error a user may meet derives from :class:`AntechamberError` and carries one line of text that names the
place and the way out. The command line prints that line and exits with ``exit_code``; no traceback is shown.
Faults on the wire are not errors of this kind: they are values (:mod:`antechamber.protocol.failure`).
"""


class AntechamberError(Exception):
    """Base of all errors meant for people. ``str(error)`` is the one line that is printed."""

    exit_code = 1


class ConfigError(AntechamberError):
    """Misuse or a bad configuration: nothing was started and nothing was changed. Exit code 2."""

    exit_code = 2

    def __init__(self, problem: str, *, place: str = "", way_out: str = "") -> None:
        """``place`` is ``file:line``, an option or a variable; ``way_out`` is what to do, as a sentence."""
        self.problem = problem
        self.place = place
        self.way_out = way_out
        line = f"{place}: {problem}" if place else problem
        super().__init__(f"{line}. {way_out}" if way_out else line)


class UnreachableError(AntechamberError):
    """The target could not be reached, so nothing could be judged. Exit code 3."""

    exit_code = 3


class AuthenticationNeededError(AntechamberError):
    """The target wants a login that was not given. Exit code 4."""

    exit_code = 4

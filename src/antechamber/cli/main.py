"""The entry point: what a run of ``antechamber`` returns, and how mistakes are told.

``--version`` is answered before anything else is imported (click alone takes as long as Python itself). Whatever
goes wrong is one line on standard error, never a traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from antechamber import __version__
from antechamber.errors import AntechamberError

INTERRUPTED = 130
"""128 + SIGINT, as shells count."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit code.

    0 clean, 1 findings or a fault of our own, 2 misuse or a bad configuration, 3 target unreachable, 4 login needed,
    130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] in (["--version"], ["-V"]):
        print(f"antechamber {__version__}")
        return 0
    try:
        from antechamber.cli.app import run

        return run(arguments)
    except AntechamberError as error:
        return _fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _pipe_closed()
    except Exception as error:  # the last line of defence: one line for people, all of it for who asks
        if not _is_somewhere():
            return _fail("the working directory has been removed. Go to one that is there.", 2)
        if os.environ.get("ANTECHAMBER_DEBUG"):
            import traceback

            traceback.print_exc()
        return _fail(
            f"{type(error).__name__}: {error}. This is a fault of antechamber {__version__}: please report it, "
            "with what ANTECHAMBER_DEBUG=1 shows",
            1,
        )


def _is_somewhere() -> bool:
    try:
        os.getcwd()
    except OSError:
        return False
    return True


def _fail(line: str, code: int) -> int:
    print(f"antechamber: error: {' '.join(line.split())}", file=sys.stderr)
    return code


def _pipe_closed() -> int:
    """The reader of our output has gone (``antechamber --help | head``): nothing more to say, nothing to flush."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


if __name__ == "__main__":
    sys.exit(main())

"""The command line. stdout carries the result only; progress and errors go to stderr.

Exit codes: 0 answered or honestly abstained; 1 an expected failure, one line on stderr with the remedy; 2 wrong usage.
"""

from __future__ import annotations

import contextlib
import sys

# Each adds its commands to the program.
from hwqa.cli import answers, choosing, documents, golden, measuring, models, programs, sizing  # noqa: F401 - by being loaded
from hwqa.cli.program import app
from hwqa.cli.session import fail
from hwqa.errors import HwqaError

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; an expected failure ends in one line on stderr and exit code 1."""
    try:
        app()
    except HwqaError as error:
        sys.exit(fail(str(error)))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of a pipe has seen enough (`hwqa chunks | head`).
        with contextlib.suppress(OSError):
            sys.stdout.close()
        sys.exit(0)

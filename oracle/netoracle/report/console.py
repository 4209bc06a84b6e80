"""The console that reports are printed on."""

from __future__ import annotations

import sys

from rich.console import Console

_PIPE_WIDTH = 160


def report_console() -> Console:
    """A console as wide as the terminal; in a pipe wide enough for the tables."""
    return Console(emoji=False, width=None if sys.stdout.isatty() else _PIPE_WIDTH, soft_wrap=True, highlight=False)

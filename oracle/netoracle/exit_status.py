"""The exit statuses of the commands."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Every trace conforms; some violates; unusable command, file or contents; some inconclusive; a bug here.

    A bug has a status of its own (that of BSD's sysexits), so that it never looks like a verdict.
    """

    CONFORMS = 0
    VIOLATES = 1
    UNUSABLE = 2
    INCONCLUSIVE = 3
    INTERNAL = 70

"""The exit statuses of the commands."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Every trace conforms; some violates; unusable command, file or contents; some inconclusive."""

    CONFORMS = 0
    VIOLATES = 1
    UNUSABLE = 2
    INCONCLUSIVE = 3

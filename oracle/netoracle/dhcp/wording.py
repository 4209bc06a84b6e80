"""Requirements in words."""

from __future__ import annotations

from netspec.dhcp.requirements import REQUIREMENTS


def asked(number: int) -> str:
    """What a requirement asks, how strongly and where."""
    requirement = REQUIREMENTS[number]
    return f"requirement {number}, {requirement.level.value}, {requirement.source}: {requirement.text}"

"""What the RFCs ask of DHCP parties, numbered; each with its source, how strongly, of whom, in our own words."""

from __future__ import annotations

from netspec.dhcp.requirement import Requirement
from netspec.dhcp.requirements import additions, clients, encoding, further, servers

REQUIREMENTS: dict[int, Requirement] = {
    one.number: one for chapter in (encoding, clients, servers, additions, further) for one in chapter.REQUIREMENTS
}
"""All of them, by number."""

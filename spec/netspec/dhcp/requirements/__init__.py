"""What the RFCs ask of DHCP parties, numbered; each with its source, how strongly, of whom, in our own words."""

from __future__ import annotations

from netspec.dhcp.requirement import Requirement
from netspec.dhcp.requirements import additions, clients, encoding, servers

REQUIREMENTS: dict[int, Requirement] = {
    one.number: one
    for one in (*encoding.REQUIREMENTS, *clients.REQUIREMENTS, *servers.REQUIREMENTS, *additions.REQUIREMENTS)
}
"""All of them, by number: 1 to 129, and 130 to 134 for relays."""

"""What is in front of the IP header: the link layers that captures are made of, and VLAN tags.

The numbers are those of the registry of link types (https://www.tcpdump.org/linktypes.html).
"""

from __future__ import annotations

IPV4, IPV6 = 0x0800, 0x86DD
"""The EtherTypes of IP."""

_IP = frozenset((IPV4, IPV6))

_NULL, _ETHERNET, _RAW_BSD, _RAW_OPENBSD, _RAW = 0, 1, 12, 14, 101
_LOOP, _COOKED, _IPV4, _IPV6, _COOKED2 = 108, 113, 228, 229, 276
_KNOWN = frozenset((_NULL, _ETHERNET, _RAW_BSD, _RAW_OPENBSD, _RAW, _LOOP, _COOKED, _IPV4, _IPV6, _COOKED2))
COOKED = {_COOKED: 16, _COOKED2: 20}
"""The link types of captures of all of Linux's interfaces, and the length of their header."""

_FAMILIES = {2: IPV4, 10: IPV6, 24: IPV6, 28: IPV6, 30: IPV6}
"""Address families of NULL and LOOP: AF_INET is 2 everywhere, AF_INET6 what the system of the recorder has."""

_VERSIONS = {4: IPV4, 6: IPV6}
_TAGS = frozenset((0x8100, 0x88A8, 0x9100))
"""EtherTypes of VLAN tags (IEEE 802.1Q, 802.1ad, and the older 0x9100)."""

MAX_TAGS = 8
"""The most VLAN tags of a frame that are passed over; what has more is no IP packet."""

Ethernet = tuple[bytes, bytes]
"""Source and destination address, six bytes each."""

Link = tuple[int, int, Ethernet | None, tuple[int, ...]]
"""EtherType (-1: none), where its packet begins (bytes), the Ethernet addresses, the VLAN ids from the outermost in."""


def is_known(linktype: int) -> bool:
    """Whether frames of this link type can be read."""
    return linktype in _KNOWN


def read_link(linktype: int, data: bytes) -> Link | None:
    """What the link layer's header says, None where not all of it is there.

    The EtherType is -1 for what has none: IEEE 802.3 frames, address families and IP versions not known here.
    """
    if linktype == _ETHERNET:
        if len(data) < 14:
            return None
        ethertype, offset = data[12] << 8 | data[13], 14
        addresses = (data[6:12], data[:6])
        if ethertype in _IP:
            return ethertype, offset, addresses, ()
        return _tagged(data, ethertype, offset, addresses)
    if linktype in COOKED:
        offset = COOKED[linktype]
        if len(data) < offset:
            return None
        place = 14 if linktype == _COOKED else 0
        return _tagged(data, int.from_bytes(data[place : place + 2]), offset, None)
    if linktype in (_NULL, _LOOP):
        if len(data) < 4:
            return None
        # NULL has the byte order of the recorder; families are small, so that only one order makes sense.
        family = int.from_bytes(data[:4])
        if linktype == _NULL and family not in _FAMILIES:
            family = int.from_bytes(data[:4], "little")
        return _FAMILIES.get(family, -1), 4, None, ()
    if linktype in (_IPV4, _IPV6):
        return (IPV4 if linktype == _IPV4 else IPV6), 0, None, ()
    return (_VERSIONS.get(data[0] >> 4, -1), 0, None, ()) if data else None


def _tagged(data: bytes, ethertype: int, offset: int, addresses: Ethernet | None) -> Link | None:
    """Pass over VLAN tags: two bytes of which twelve bits are the id, then the next EtherType."""
    vlan: tuple[int, ...] = ()
    while ethertype in _TAGS and len(vlan) < MAX_TAGS:
        if len(data) < offset + 4:
            return None
        vlan += (int.from_bytes(data[offset : offset + 2]) & 0xFFF,)
        ethertype = int.from_bytes(data[offset + 2 : offset + 4])
        offset += 4
    return (ethertype if ethertype >= 0x600 else -1), offset, addresses, vlan

"""The wire profiles, by name."""

from __future__ import annotations

from netspec.wire.profile import WireProfile

RFC9293 = WireProfile("rfc9293")
"""The loosest host that RFC 9293, and what it builds on, allows."""

WIRE_PROFILES: dict[str, WireProfile] = {profile.name: profile for profile in (RFC9293,)}

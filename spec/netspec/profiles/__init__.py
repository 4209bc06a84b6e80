"""Profiles: the specification specialised to an implementation.

A deviation is data of a profile: it has a name, which rules test exactly where the
model tests an architecture, a reason, and the rules and definitions that it touches.
"""

from netspec.profiles.freebsd_12 import FREEBSD_12
from netspec.profiles.model_architectures import FREEBSD_4_6, LINUX_2_4_20, WINXP_SP1
from netspec.profiles.profile import Deviation, Profile
from netspec.profiles.utcp import UTCP

__all__ = ["PROFILES", "Deviation", "Profile"]

PROFILES: dict[str, Profile] = {
    profile.name: profile for profile in (FREEBSD_4_6, LINUX_2_4_20, WINXP_SP1, FREEBSD_12, UTCP)
}

"""µTCP 0.0.7: the model with the differences that its documentation states as intended."""

from netspec.profiles.profile import Profile
from netspec.tcp.params import Arch, ArchBase

UTCP = Profile("utcp", Arch("utcp", ArchBase.FreeBSD_4_6_RELEASE), "µTCP 0.0.7 (robur-coop/utcp)")

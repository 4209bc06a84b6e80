"""The model's own architectures (TCP1_paramsScript.sml, arch), with the errata that are applied by default."""

from dataclasses import replace

from netspec.profiles.profile import Profile
from netspec.tcp.errata import ERRATA
from netspec.tcp.params import Arch, FreeBSD_4_6_RELEASE, Linux_2_4_20_8, WinXP_Prof_SP1


def _by_default(arch: Arch) -> Arch:
    return replace(arch, deviations=frozenset(erratum.name for erratum in ERRATA.values() if erratum.default))


FREEBSD_4_6 = Profile("freebsd-4.6", _by_default(FreeBSD_4_6_RELEASE), "FreeBSD 4.6-RELEASE")
LINUX_2_4_20 = Profile("linux-2.4.20", _by_default(Linux_2_4_20_8), "Linux 2.4.20-8")
WINXP_SP1 = Profile("winxp-sp1", _by_default(WinXP_Prof_SP1), "Windows XP Professional SP1")

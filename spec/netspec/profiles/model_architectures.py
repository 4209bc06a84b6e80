"""The model's own architectures (TCP1_paramsScript.sml, arch)."""

from netspec.profiles.profile import Profile
from netspec.tcp.params import FreeBSD_4_6_RELEASE, Linux_2_4_20_8, WinXP_Prof_SP1

FREEBSD_4_6 = Profile("freebsd-4.6", FreeBSD_4_6_RELEASE, "FreeBSD 4.6-RELEASE")
LINUX_2_4_20 = Profile("linux-2.4.20", Linux_2_4_20_8, "Linux 2.4.20-8")
WINXP_SP1 = Profile("winxp-sp1", WinXP_Prof_SP1, "Windows XP Professional SP1")

"""The part on DHCP in the certificate file of a capture: all of it, or what follows the line on TCP."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike, fspath
from pathlib import Path

from netoracle.certificate.model import CertificateError
from netoracle.dhcp.certificate import FORMAT, NoCertificate, certificate, from_text, to_text
from netoracle.dhcp.replay import replay
from netoracle.dhcp.result import DhcpReport
from netoracle.trace.capture.frames import read_frames


def text_of(reports: Sequence[DhcpReport]) -> str:
    """The part for reports that all conform.  Raises NoCertificate where a run was too long to be kept."""
    return "".join(to_text(certificate(report)) for report in reports)


def parts(path: str | PathLike[str]) -> tuple[str, str]:
    """What a file has to say of TCP and of DHCP, either of them empty where it says nothing.

    Raises CertificateError where it cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise CertificateError(f"{fspath(path)}: cannot be read: {reason}") from None
    first, _, rest = text.partition("\n")
    return ("", text) if FORMAT in first else (first, rest)


def replay_file(text: str, lines_before: int, name: str, capture: str | PathLike[str]) -> tuple[int, int]:
    """Replay the part on DHCP: how many parties and messages it explains.

    Raises CertificateError where it is none, CaptureError where the capture is none, UsageError for a profile that is
    not known, Refused where it does not hold.
    """
    try:
        read = from_text(text, lines_before + 1)
    except NoCertificate as error:
        raise CertificateError(f"{name}: {error}") from None
    return len(read.parties), replay(read, read_frames(capture))


def is_dhcp_certificate(path: str | PathLike[str]) -> bool:
    """Whether a file begins as such a part."""
    try:
        with open(path, encoding="utf-8") as file:
            return FORMAT in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False

"""Errata: where the HOL4 text is wrong or doubtful, each one a switch.

A rule or definition tests one with `corrected(arch, ERRATUM)`, at the place of the text that it
changes; switched off, the text stands to the letter.
"""

from typing import Final

from netspec.tcp.errata import datagrams, input, output, sockets
from netspec.tcp.errata.erratum import Erratum

__all__ = ["ERRATA", "Erratum"]

ERRATA: Final[dict[str, Erratum]] = {
    erratum.name: erratum for part in (input, output, sockets, datagrams) for erratum in part.ERRATA
}
"""Every erratum by its name."""

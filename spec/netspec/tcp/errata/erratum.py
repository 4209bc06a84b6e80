"""What an erratum of the model is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Erratum:
    """A place where the HOL4 text is wrong or doubtful, and what is right there.

    `name` is short, lower case, words joined by hyphens: it names the erratum on a command line.
    `places` are the rules and definitions that test it, `says` and `right` what the text says and
    what should stand there, `evidence` why (a recorded trace, an RFC section, a kernel's source,
    the model's own errata.txt, a comment of the text). `default` says whether the model's
    architectures apply it when nobody asks for it.
    """

    name: str
    places: tuple[str, ...]
    says: str
    right: str
    evidence: str
    default: bool = False

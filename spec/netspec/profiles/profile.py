"""What a profile and a deviation are."""

from __future__ import annotations

from dataclasses import dataclass, replace

from netspec.tcp.params import Arch


@dataclass(frozen=True, slots=True)
class Deviation:
    """A named difference of an implementation from the model, with the reason it is intended."""

    name: str
    reason: str
    touches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The specification specialised to an implementation.

    `arch` is the architecture that rules see: the model's, or one with deviations.
    """

    name: str
    arch: Arch
    summary: str
    deviations: tuple[Deviation, ...] = ()

    def without(self, *names: str) -> Profile:
        """The same profile with some deviations switched off.  Raises ValueError for an unknown name."""
        unknown = set(names) - {deviation.name for deviation in self.deviations}
        if unknown:
            raise ValueError(f"profile {self.name} has no deviation {', '.join(sorted(unknown))}")
        kept = tuple(deviation for deviation in self.deviations if deviation.name not in names)
        arch = replace(self.arch, deviations=frozenset(deviation.name for deviation in kept))
        return replace(self, arch=arch, deviations=kept)

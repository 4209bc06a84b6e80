"""What a profile and a deviation are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from netspec.tcp.errata import ERRATA
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

    `arch` is the architecture that rules see: the model's, or one with deviations. `on` and `off`
    are the names of errata and deviations that were switched on and off after the profile was
    made; they are sorted.
    """

    name: str
    arch: Arch
    summary: str
    deviations: tuple[Deviation, ...] = ()
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The name, with what was switched on and off."""
        on = f" with {', '.join(self.on)}" if self.on else ""
        off = f" without {', '.join(self.off)}" if self.off else ""
        return f"{self.name}{on}{off}"

    def without(self, *names: str) -> Profile:
        """The same profile with some deviations or errata switched off.  Raises ValueError for an unknown name."""
        return self.switched(off=names)

    def switched(self, on: Collection[str] = (), off: Collection[str] = ()) -> Profile:
        """The same profile with errata or deviations switched on and off; some may be so already.

        Raises ValueError for a name that is neither, or that is to be both on and off.
        """
        has = self.arch.deviations
        unknown = {*on, *off} - has - {deviation.name for deviation in self.deviations} - set(ERRATA)
        if unknown:
            raise ValueError(f"profile {self.name} has no deviation, and the model no erratum, {_listed(unknown)}")
        if set(on) & set(off):
            raise ValueError(f"to be switched both on and off: {_listed(set(on) & set(off))}")
        wanted = (has | set(on)) - set(off)
        unswitched = (has - set(self.on)) | set(self.off)
        kept = tuple(deviation for deviation in self.deviations if deviation.name in wanted)
        added = wanted - {deviation.name for deviation in kept}
        errata = tuple(
            Deviation(erratum.name, erratum.evidence, erratum.places)
            for erratum in ERRATA.values()
            if erratum.name in added
        )
        return replace(
            self,
            arch=replace(self.arch, deviations=wanted),
            deviations=kept + errata,
            on=tuple(sorted(wanted - unswitched)),
            off=tuple(sorted(unswitched - wanted)),
        )


def _listed(names: Collection[str]) -> str:
    return ", ".join(map(repr, sorted(names)))

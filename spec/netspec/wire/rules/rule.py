"""The form of a wire rule: a segment that the host sends, and the endpoint after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from netspec.wire.endpoint import Endpoint
from netspec.wire.event import Event
from netspec.wire.profile import WireProfile

Body = Callable[[Endpoint, Event, WireProfile], Endpoint]


@dataclass(frozen=True, slots=True)
class WireRule:
    """A rule: its name, the rules of the host model whose segments it describes, its place in the RFC, and its body."""

    name: str
    model: tuple[str, ...]
    rfc: str
    body: Body

    def __call__(self, s: Endpoint, out: Event, p: WireProfile) -> Endpoint:
        """The endpoint after the segment was sent.  Raises Forbidden where the rule does not allow it."""
        return self.body(s, out, p)

    @property
    def summary(self) -> str:
        """What the rule allows."""
        return (self.body.__doc__ or "").strip().splitlines()[0]


WIRE_RULES: dict[str, WireRule] = {}


def wire_rule(*model: str, rfc: str) -> Callable[[Body], WireRule]:
    """Enter a function as the rule of its own name; `model` names the host model's rules that send such segments."""

    def enter(body: Body) -> WireRule:
        WIRE_RULES[body.__name__] = WireRule(body.__name__, model, rfc, body)
        return WIRE_RULES[body.__name__]

    return enter

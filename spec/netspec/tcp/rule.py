"""The form of a rule of the host labelled transition system, and their index.

A rule is a function from a host, a label and a `Choose` to the next host.  It has the
model's name, its protocol and, for each kind of label it carries, its categories
(TCP1_preHostTypesScript.sml: rule_proto, rule_status, rule_cat).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netspec.base.choose import Choose
    from netspec.tcp.host0 import Label
    from netspec.tcp.host_types import Host

    Body = Callable[[Host, Label, Choose], Host]


class RuleProto(Enum):
    """The protocol a rule speaks of.

    Source: TCP1_preHostTypesScript.sml, rule_proto.
    """

    rp_tcp = "rp_tcp"
    rp_udp = "rp_udp"
    rp_all = "rp_all"


class RuleStatus(Enum):
    """The outcome of a call that a rule describes.

    Source: TCP1_preHostTypesScript.sml, rule_status.
    """

    succeed = "succeed"
    fail = "fail"
    badfail = "badfail"


rp_tcp, rp_udp, rp_all = RuleProto
succeed, fail, badfail = RuleStatus
urgent = True
"""The urgency of a rule that time must wait for.  Source: TCP1_preHostTypesScript.sml, urgent."""

nonurgent = False
"""The urgency of any other rule.  Source: TCP1_preHostTypesScript.sml, nonurgent."""


@dataclass(frozen=True, slots=True)
class RuleCat:
    """A rule category: its kind, urgency and status.

    Source: TCP1_preHostTypesScript.sml, rule_cat.
    """

    kind: str
    urgency: bool | None = None
    status: RuleStatus | None = None

    def __str__(self) -> str:
        """Write it as the model does, such as `slow urgent succeed`."""
        words = [self.kind]
        if self.urgency is not None:
            words.append("urgent" if self.urgency else "nonurgent")
        if self.status is not None:
            words.append(self.status.value)
        return " ".join(words)


def fast(status: RuleStatus) -> RuleCat:
    """A call that returns at once.

    Source: TCP1_preHostTypesScript.sml, rule_cat.
    """
    return RuleCat("fast", None, status)


block = RuleCat("block")
"""A call that blocks.  Source: TCP1_preHostTypesScript.sml, rule_cat."""


def slow(urgency: bool, status: RuleStatus) -> RuleCat:
    """A blocked call that returns.

    Source: TCP1_preHostTypesScript.sml, rule_cat.
    """
    return RuleCat("slow", urgency, status)


def network(urgency: bool) -> RuleCat:
    """A step of the network half of the host.

    Source: TCP1_preHostTypesScript.sml, rule_cat.
    """
    return RuleCat("network", urgency)


def misc(urgency: bool) -> RuleCat:
    """Any other step.

    Source: TCP1_preHostTypesScript.sml, rule_cat.
    """
    return RuleCat("misc", urgency)


def is_urgent(cat: RuleCat) -> bool:
    """Whether time may not pass while such a rule can fire.

    Source: TCP1_preHostTypesScript.sml, is_urgent.
    """
    return bool(cat.urgency)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the model: its name, protocol, categories by label kind, and body."""

    name: str
    proto: RuleProto
    categories: Mapping[type[object], tuple[RuleCat, ...]]
    body: Body

    def __call__(self, h: Host, lbl: Label, choose: Choose) -> Host:
        """The next host.  Raises PremiseFailed where a premise does not hold."""
        return self.body(h, lbl, choose)

    @property
    def summary(self) -> str:
        """What the rule allows: the text of its docstring."""
        return (self.body.__doc__ or "").strip()

    def is_urgent_for(self, kind: type[object]) -> bool:
        """Whether some category that the rule has for this kind of label is urgent."""
        return any(is_urgent(cat) for cat in self.categories.get(kind, ()))


RULES: dict[str, Rule] = {}
"""The rules whose steps are steps of the host by themselves (the relation `-->`)."""

COMPOSITE_RULES: dict[str, Rule] = {}
"""The rules whose steps are made of other steps (the relation `--=>`): no run needs them."""


def rule(
    proto: RuleProto,
    categories: Mapping[type[object], RuleCat | tuple[RuleCat, ...]],
    index: dict[str, Rule] = RULES,
) -> Callable[[Body], Rule]:
    """Enter a function into an index as the rule of its own name."""

    def enter(body: Body) -> Rule:
        name = body.__name__
        if name in RULES or name in COMPOSITE_RULES:
            raise ValueError(f"two rules are named {name}")
        cats = {kind: cat if isinstance(cat, tuple) else (cat,) for kind, cat in categories.items()}
        index[name] = Rule(name, proto, cats, body)
        return index[name]

    return enter

"""Why no trace exercises a rule, in categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from netoracle.coverage.measured import TraceRun
from netspec.tcp.rule import Rule, rp_udp

CATEGORIES: Final = {
    "never": "As the model is written, its premises cannot hold.",
    "resources": "It needs memory or room in a queue to run out, and the model takes both to be infinite.",
    "limit": "It needs every descriptor or every port to be taken.",
    "architecture": "It is of an architecture or a branch of the model whose traces, if any, do not come to it.",
    "udp": "It is about a UDP socket, and no trace brings one into this situation.",
    "call": "No program in the traces makes the call.",
    "program": "No program in the traces does what it needs.",
    "network": "In no trace does the peer, or the network in between, do what it needs.",
    "time": "No trace lasts as long as it needs.",
    "recording": "No trace records what it is about.",
}
"""The categories, in the order of the page, and what each of them says."""


class Reason(NamedTuple):
    """A category, and what in particular the rule needs; for `call`, the name of the call."""

    category: str
    detail: str | None

    def __str__(self) -> str:
        """The sentence of the category, and the particulars."""
        sentence = CATEGORIES[self.category]
        return sentence if self.detail is None else f"{sentence[:-1]}: {self.detail}."


def parse(text: str) -> Reason:
    """Read `category` or `category: detail`.  Raises ValueError for a category that there is not."""
    category, colon, detail = text.partition(": ")
    if category not in CATEGORIES:
        raise ValueError(f"there is no category {category!r}")
    return Reason(category, detail if colon else None)


def problems(rules: dict[str, Rule], runs: tuple[TraceRun, ...], reasons: dict[str, str]) -> Iterator[str]:
    """What is wrong with the reasons: missing, superfluous, or contradicted by rules and traces."""
    exercised = {name for run in runs for name in run.rules}
    calls = {call for run in runs for call in run.calls}
    for name in rules:
        if name not in exercised and name not in reasons:
            yield f"{name}: no trace exercises it, and no reason is given"
    for name, text in reasons.items():
        if name not in rules:
            yield f"{name}: a reason is given, but there is no such rule"
            continue
        if name in exercised:
            yield f"{name}: a reason is given, but a trace exercises it"
        reason = parse(text)
        if reason.category == "udp" and rules[name].proto is not rp_udp:
            yield f"{name}: the reason is UDP, but the rule is not of UDP"
        if reason.category == "call" and (reason.detail is None or reason.detail in calls):
            yield f"{name}: the reason is that no trace calls {reason.detail}, but one does"

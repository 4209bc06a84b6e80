"""What a verdict owes to errata, in sentences and for JSON."""

from __future__ import annotations

from typing import Any

from netoracle.errata import ErratumEffect
from netoracle.oracle import Report


def in_sentences(report: Report) -> list[str]:
    """One sentence for each erratum that matters, and one for all that make no difference or were not tried."""
    label = report.violation.label if report.violation is not None else None
    sentences: list[str] = []
    same: list[ErratumEffect] = []
    untried: list[ErratumEffect] = []
    for effect in report.errata:
        if effect.depends is not None:
            sentences.append(f"this run {'depends' if effect.depends else 'does not depend'} on erratum {effect.name}")
        elif effect.verdict_otherwise is None:
            untried.append(effect)
        elif (effect.verdict_otherwise, effect.label_otherwise) == (report.verdict, label):
            same.append(effect)
        else:
            at = f" at label {effect.label_otherwise}" if effect.label_otherwise is not None else ""
            switched = f"without erratum {effect.name}" if effect.applied else f"with erratum {effect.name} applied"
            sentences.append(f"{switched}: {effect.verdict_otherwise.value}{at}")
    sentences += [
        f"{words} {_listed(effects)}" for words, effects in (("no difference", same), ("not tried", untried)) if effects
    ]
    return sentences


def _listed(effects: list[ErratumEffect]) -> str:
    on = [effect.name for effect in effects if not effect.applied]
    off = [effect.name for effect in effects if effect.applied]
    return ", ".join(f"{word} {', '.join(names)}" for word, names in (("with", on), ("without", off)) if names)


def to_objects(report: Report) -> list[dict[str, Any]]:
    """The same for JSON: `depends` for a run, `verdict_otherwise` (null where not tried) for a violation."""
    return [
        {"name": effect.name, "applied": effect.applied}
        | (
            {"depends": effect.depends}
            if effect.depends is not None
            else {
                "verdict_otherwise": effect.verdict_otherwise.value if effect.verdict_otherwise is not None else None,
                "label_otherwise": effect.label_otherwise,
            }
        )
        for effect in report.errata
    ]

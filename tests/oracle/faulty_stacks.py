"""Which defects of TCP stacks the oracle detects: `python tests/oracle/faulty_stacks.py` prints the table."""

from __future__ import annotations

from collections import Counter

import faulty_acknowledging
import faulty_closing
import faulty_congestion
import faulty_opening
import faulty_options
import faulty_repeating
import faulty_strangers
import faulty_timestamps
import faulty_windows
from faulty_defect import DEFECTS, Defect, Outcome, Said, said

CHAPTERS = (
    faulty_congestion,
    faulty_repeating,
    faulty_windows,
    faulty_acknowledging,
    faulty_strangers,
    faulty_options,
    faulty_timestamps,
    faulty_opening,
    faulty_closing,
)


def row(one: Defect, profile: str, outcome: Outcome, found: Said) -> str:
    """A line of the table, in Markdown."""
    if found.premise:
        result = (
            f"{found.clause}: {found.premise.split(';')[0]} ({f'frame {found.frame}' if found.frame else 'at the end'})"
        )
    else:
        result = outcome.reason
    kind = "detected" if found.premise else outcome.kind
    return f"| {one.name} | {one.text} | {one.clause} | {profile} | {kind} | {result} |"


def table() -> list[str]:
    """The table, and how many there are of each kind."""
    lines = ["| defect | what it does | breaks | profile | result | rule, or reason |", "|---|---|---|---|---|---|"]
    counts: Counter[tuple[str, str]] = Counter()
    for one in DEFECTS.values():
        for profile, outcome in one.expected.items():
            found = said(one.experiment, one.host, profile)
            counts[profile, "detected" if found.premise else outcome.kind] += 1
            lines.append(row(one, profile, outcome, found))
    profiles = sorted({profile for profile, _ in counts})
    totals = [
        f"{profile}: " + ", ".join(f"{n} {kind}" for (which, kind), n in sorted(counts.items()) if which == profile)
        for profile in profiles
    ]
    return [f"{len(DEFECTS)} defects", "", *totals, "", *lines]


if __name__ == "__main__":
    print("\n".join(table()))

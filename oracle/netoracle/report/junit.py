"""A corpus as JUnit XML: one test case a trace."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from netoracle.oracle import Report
from netoracle.report.errata import in_sentences
from netoracle.search.search import Verdict

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(reports: Sequence[Report]) -> bytes:
    """The reports as a test suite: a violation is a failure, an inconclusive check is an error."""
    count = {verdict: sum(r.verdict is verdict for r in reports) for verdict in Verdict}
    suite = ElementTree.Element(
        "testsuite",
        name="netoracle",
        tests=str(len(reports)),
        failures=str(count[Verdict.violates]),
        errors=str(count[Verdict.inconclusive]),
        time=f"{sum(r.seconds for r in reports):.3f}",
    )
    for report in reports:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=f"netoracle.{report.scenario.profile.name}",
            name=_clean(report.scenario.trace.path),
            time=f"{report.seconds:.3f}",
        )
        _properties(case, report)
        if report.verdict is Verdict.violates and report.violation is not None:
            failure = ElementTree.SubElement(case, "failure", message=_clean(report.violation.summary))
            failure.text = _clean(
                "\n".join(
                    f"{near.rule}: {near.premise} (expected {near.expected}, found {near.found})"
                    for near in report.violation.nearest
                )
            )
        elif report.verdict is Verdict.inconclusive:
            ElementTree.SubElement(case, "error", message=_clean(report.reason or ""))
    page: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return page


def _properties(case: ElementTree.Element, report: Report) -> None:
    """What was switched in the profile, and what the verdict owes to errata."""
    profile = report.scenario.profile
    named = [("with", name) for name in profile.on] + [("without", name) for name in profile.off]
    named += [("erratum", sentence) for sentence in in_sentences(report)]
    if named:
        properties = ElementTree.SubElement(case, "properties")
        for name, value in named:
            ElementTree.SubElement(properties, "property", name=name, value=_clean(value))


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)

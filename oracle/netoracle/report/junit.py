"""A corpus as JUnit XML: one test case a report."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

from netoracle.report.view import Near, View
from netoracle.search.search import Verdict

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_junit(reports: Sequence[View]) -> bytes:
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
            classname=f"netoracle.{_clean(report.profile)}",
            name=_clean(report.title),
            time=f"{report.seconds:.3f}",
        )
        if report.properties:
            properties = ElementTree.SubElement(case, "properties")
            for name, value in report.properties:
                ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
        if report.verdict is Verdict.violates:
            for place in report.places[:1]:
                failure = ElementTree.SubElement(case, "failure", message=_clean(f"{place.where}: {place.summary}"))
                failure.text = _clean(
                    "\n".join(
                        f"{one.where}: {near.rule}: {near.premise}{_beside(near)}"
                        for one in report.places
                        for near in one.nearest
                    )
                )
        elif report.verdict is Verdict.inconclusive:
            ElementTree.SubElement(case, "error", message=_clean(report.reason or ""))
    page: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return page


def _beside(near: Near) -> str:
    """What was expected and what was found, as far as either is said."""
    told = [f"{word} {text}" for word, text in (("expected", near.expected), ("found", near.found)) if text is not None]
    return f" ({', '.join(told)})" if told else ""


def _clean(text: str) -> str:
    return _NOT_XML.sub("?", text)

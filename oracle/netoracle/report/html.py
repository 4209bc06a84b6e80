"""Reports as a page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader

from netoracle.report.view import View
from netoracle.search.search import Verdict


def to_html(reports: Sequence[View]) -> str:
    """The page: a summary, then each report with its run or the reason that there is none."""
    environment = Environment(
        loader=PackageLoader("netoracle.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    counts = {verdict.value: sum(r.verdict is verdict for r in reports) for verdict in Verdict}
    return environment.get_template("report.html").render(reports=reports, counts=counts)

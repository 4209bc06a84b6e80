"""`netoracle show`: a trace, readably."""

from __future__ import annotations

from pathlib import Path

from rich.table import Table

from netoracle.exit_status import Exit
from netoracle.oracle import FormatName
from netoracle.report.console import report_console
from netoracle.report.words import in_words
from netoracle.trace import read_trace


def run(file: Path, trace_format: FormatName) -> int:
    """Print one line for each label."""
    trace = read_trace(str(file), trace_format)
    table = Table(title=str(file), box=None, pad_edge=False)
    for heading in ("label", "line", "time", "what"):
        table.add_column(heading, justify="left" if heading == "what" else "right", no_wrap=True)
    start = trace.base_time
    for index, entry in enumerate(trace.labels):
        if start is None:
            start = entry.time
        when = "" if entry.time is None or start is None else f"{float(entry.time - start):.6f}"
        table.add_row(str(index), str(entry.line), when, in_words(entry.label))
    report_console().print(table)
    return Exit.CONFORMS

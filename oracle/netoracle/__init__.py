"""The oracle: decides whether a correct host could have produced a trace, and explains."""

from netoracle.oracle import Report, check
from netoracle.search.budget import Budget
from netoracle.search.search import Verdict
from netoracle.trace import Trace, TraceError, read_trace

__all__ = ["Budget", "Report", "Trace", "TraceError", "Verdict", "check", "read_trace"]

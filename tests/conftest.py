"""`--rule-coverage FILE`: writes which rules each test calls, and whether they allowed or forbade what it tried.

Only calls that a test makes itself count, from a file under `tests/`, not those that a rule or the
oracle makes on the way.  A call that returns is allowed.  One that ends in PremiseFailed is
forbidden, unless it was the label that did not match: then the rule was not asked for anything.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

import hypothesis
import pytest

from netspec.base.choose import Choose, PremiseFailed
from netspec.tcp.host0 import Label
from netspec.tcp.host_types import Host
from netspec.tcp.rule import Rule
from netspec.tcp.rules.prelude import a_call

TESTS = str(Path(__file__).parent)
PROPERTY = "rules"

# The same examples in every run, however busy the machine is; `--hypothesis-profile=default` searches for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


class Calls:
    """The rules that the test under way has called."""

    def __init__(self) -> None:
        self.allowed: set[str] = set()
        self.forbidden: set[str] = set()
        self.inside = False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rule-coverage", metavar="FILE", type=Path, help="Write the rules that each test calls, as JSON."
    )
    parser.addoption("--hol4", metavar="CHECKOUT", type=Path, help="Judge the rule calls of tests by the HOL4 text.")
    parser.addoption("--hol4-profile", metavar="NAME", help="The profile that the text of --hol4 is compared with.")
    parser.addoption("--hol4-report", metavar="FILE", type=Path, help="Write the outcomes of --hol4, as JSON.")


def pytest_configure(config: pytest.Config) -> None:
    file: Path | None = config.getoption("--rule-coverage")
    if file is not None:
        config.pluginmanager.register(RuleCoverage(file, writes=not hasattr(config, "workerinput")))
    checkout: Path | None = config.getoption("--hol4")
    if checkout is not None:
        from hol4_judgement import Judgement

        judgement = Judgement(checkout, config.getoption("--hol4-report"), config.getoption("--hol4-profile"))
        config.pluginmanager.register(judgement)


def ends_in(traceback: TracebackType | None, code: CodeType) -> bool:
    """Whether an exception was raised by this function itself."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return traceback is not None and traceback.tb_frame.f_code is code


class RuleCoverage:
    """Watches the rules while a test runs; what it saw travels with the test's report, also between processes."""

    def __init__(self, file: Path, writes: bool) -> None:
        self.file = file
        self.writes = writes
        self.of_test: dict[str, dict[str, list[str]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        calls = Calls()
        original = Rule.__call__

        def watched(rule: Rule, h: Host, lbl: Label, choose: Choose) -> Host:
            direct = not calls.inside and sys._getframe(1).f_code.co_filename.startswith(TESTS)
            if not direct:
                return original(rule, h, lbl, choose)
            calls.inside = True
            try:
                h_ = original(rule, h, lbl, choose)
            except PremiseFailed as failed:
                if type(lbl) in rule.categories and not ends_in(failed.__traceback__, a_call.__code__):
                    calls.forbidden.add(rule.name)
                raise
            finally:
                calls.inside = False
            calls.allowed.add(rule.name)
            return h_

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Rule, "__call__", watched)
            result = yield
        if calls.allowed or calls.forbidden:
            seen: Any = {"allowed": sorted(calls.allowed), "forbidden": sorted(calls.forbidden)}
            item.user_properties.append((PROPERTY, seen))
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.of_test.update((report.nodeid, seen) for name, seen in report.user_properties if name == PROPERTY)

    def pytest_sessionfinish(self) -> None:
        if self.writes:
            self.file.write_text(json.dumps(dict(sorted(self.of_test.items())), indent=1) + "\n")

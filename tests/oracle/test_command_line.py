"""Exit statuses, outputs and one-line errors of the commands."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from traces import ECHO, ROOT

from netoracle import Budget, Verdict, check, cli


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netoracle", *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


def damaged(tmp_path, content: bytes):
    path = tmp_path / "trace"
    path.write_bytes(content)
    return path


def test_a_trace_that_conforms(tmp_path):
    files = {kind: tmp_path / kind for kind in ("json", "html", "junit", "certificate")}
    done = run("check", ECHO, *[word for kind, path in files.items() for word in (f"--{kind}", path)])
    assert done.returncode == 0, done.stderr
    assert "conforms" in done.stdout
    report = json.loads(files["json"].read_text())
    assert report["verdict"] == "conforms" and report["violation"] is None
    assert [step["label"] for step in report["steps"] if step["label"] is not None] == list(range(report["labels"]))
    assert ElementTree.parse(files["junit"]).getroot().get("failures") == "0"
    assert "<html" in files["html"].read_text()
    verified = run("verify", files["certificate"], ECHO)
    assert verified.returncode == 0 and "holds" in verified.stdout


def test_a_trace_that_violates(tmp_path):
    lines = ECHO.read_text().splitlines(keepends=True)
    sent = next(i for i, line in enumerate(lines) if "] out " in line)
    path = tmp_path / "utcp-trace.log"
    path.write_text("".join([*lines[: sent + 1], lines[sent], *lines[sent + 1 :]]))
    done = run("check", path)
    assert done.returncode == 1
    assert "violates" in done.stdout and "no run explains label" in done.stdout


@pytest.mark.parametrize("command", ["check", "show", "explain"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02\xff" * 50,
        b"Lh_call(TID 1, socket(SOCK_STREAM",
        b"Lh_nonsense(1);\n",
        b"abstime 1 " + b"9" * 10**4,
    ],
    ids=["empty", "binary", "truncated", "wrong label", "huge number"],
)
def test_a_file_that_is_no_trace_ends_in_one_line_and_status_2(tmp_path, command, content):
    path = damaged(tmp_path, content)
    done = run(command, path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and str(path) in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("target", ["missing", "."])
def test_a_missing_file_or_a_folder_without_traces_ends_in_one_line_and_status_2(tmp_path, target):
    done = run("check", tmp_path / target)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


def test_an_unknown_profile_is_named():
    done = run("check", ECHO, "--profile", "plan9")
    assert done.returncode == 2 and "plan9" in done.stderr and "utcp" in done.stderr


def test_an_output_that_cannot_be_written_is_named(tmp_path):
    done = run("check", ECHO, "--json", tmp_path / "no" / "such" / "folder")
    assert done.returncode == 2 and "folder" in done.stderr and "Traceback" not in done.stderr


def test_a_spent_budget_is_inconclusive():
    done = run("check", ECHO, "--budget-states", "3")
    assert done.returncode == 3 and "3 states" in done.stdout


def test_several_traces_are_summed_up_and_checked_in_parallel():
    logs = sorted((ROOT / "traces" / "utcp").glob("*/utcp-trace.log"))
    done = run("check", *logs, "--profile", "utcp", "--jobs", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(logs)} conforms" in done.stdout


def test_a_folder_has_traces_and_captures():
    folder = ROOT / "traces" / "utcp" / "echo-small"
    done = run("check", folder, "--profile", "utcp")
    assert "utcp-trace.log: conforms" in done.stdout and "capture.pcap [10.9.0.2]: conforms" in done.stdout


@pytest.mark.parametrize(("profile", "active_echo"), [("freebsd-12", 1), ("freebsd-4.6", 1), ("utcp", 0)])
def test_a_trace_is_judged_by_the_profile_asked_for(tmp_path, profile, active_echo):
    """The windows that µTCP advertises when it connects are its own; what a closed port answers is not."""
    certificate = tmp_path / "run.json"
    trace = ROOT / "traces" / "utcp" / "closed-port" / "utcp-trace.log"
    done = run("check", trace, "--profile", profile, "--certificate", certificate)
    assert (done.returncode, profile in done.stdout) == (0, True), done.stdout + done.stderr
    assert run("verify", certificate, trace).returncode == 0
    echo = ROOT / "traces" / "utcp" / "active-echo" / "utcp-trace.log"
    assert run("check", echo, "--profile", profile).returncode == active_echo


def test_the_rules_can_be_listed_and_shown():
    assert "deliver_in_3" in run("rules").stdout
    assert "connect_1" in run("rules", "connect_1").stdout
    assert run("rules", "no_such_rule").returncode == 2


def test_memory_is_a_budget_too():
    report = check(ECHO, budget=Budget(megabytes=1))
    assert report.verdict is Verdict.inconclusive and "memory" in report.reason


def test_a_bug_has_an_exit_status_of_its_own(monkeypatch, capsys):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(cli, "app", broken)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 70 and "ZeroDivisionError" in capsys.readouterr().err

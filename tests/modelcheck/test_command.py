"""`netoracle modelcheck`."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from netoracle.cli import app
from netoracle.modelcheck.runfile import load_run, replay
from netoracle.modelcheck.systems import model_of


def modelcheck(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["modelcheck", *arguments])


def test_status_0_and_the_figures_where_all_holds() -> None:
    result = modelcheck("dhcp", "--clients", "1", "--pool", "1")
    assert result.exit_code == 0
    assert "19 states, 26 steps" in result.stdout
    assert "violated" not in result.stdout


def test_status_1_with_a_run_that_can_be_replayed(tmp_path: Path) -> None:
    run, report = tmp_path / "run.json", tmp_path / "report.json"
    result = modelcheck("dhcp", "--drift", "1", "--pool", "1", "--trace", str(run), "--json", str(report))
    assert result.exit_code == 1
    assert "unique_bindings is violated" in result.stdout
    recorded = load_run(run)
    assert replay(recorded, model_of(recorded.system, recorded.options)).property.name == "unique_bindings"
    content = json.loads(report.read_text())
    assert content["outcome"] == "violated"
    assert content["searches"][0]["complete"]


def test_a_counterexample_of_a_judged_network_is_a_capture_that_violates(tmp_path: Path) -> None:
    run, capture = tmp_path / "run.json", tmp_path / "run.pcap"
    options = ("--clients", "1", "--pool", "1", "--profile", "lease_never_ends")
    result = modelcheck("dhcp-allowed", *options, "--trace", str(run), "--capture", str(capture))
    assert result.exit_code == 1
    assert "forbidden by 61" in result.stdout
    assert CliRunner().invoke(app, ["check", str(capture)]).exit_code == 1
    explained = CliRunner().invoke(app, ["explain", str(run)])
    assert explained.exit_code == 1
    assert "violates allowed" in explained.stdout
    refused = modelcheck("dhcp", "--clients", "1", "--capture", str(capture))
    assert refused.exit_code == 2
    assert "there is no capture" in refused.stderr


def test_status_3_where_a_budget_runs_out() -> None:
    result = modelcheck("dhcp", "--budget-states", "10")
    assert result.exit_code == 3
    assert "the search ended after 10 states" in result.stdout


def test_status_2_and_one_line_for_what_cannot_be_used() -> None:
    for arguments in (["ftp"], ["dhcp", "--clients", "9"], ["dhcp", "--property", "x"], ["dhcp", "--profile", "x"]):
        result = modelcheck(*arguments)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1


def test_a_property_alone() -> None:
    result = modelcheck("dhcp", "--property", "unique_bindings")
    assert result.exit_code == 0
    assert "can_bind" not in result.stdout

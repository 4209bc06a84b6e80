"""The text's inventory and the specification agree, and what would differ is found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from netoracle.transcription import reasons
from netoracle.transcription.compare import RULES_FILE, Comparison, Specification, compare
from netoracle.transcription.inventory import (
    DatatypeFacts,
    DefinitionFacts,
    FileFacts,
    Inventory,
    NameFacts,
    RecordFacts,
    RuleFacts,
    from_json,
    inventory,
    kept,
    to_json,
)
from netoracle.transcription.parameters import agree
from netoracle.transcription.reader import FILES, read_model, read_source
from netoracle.transcription.sources import Origin, SourcedObject, by_origin, origins, python_objects

MAIN = kept()
BRANCH = kept(branch=True)


def checkout(variable: str) -> Path:
    """The checkout that an environment variable names; tests that need one are skipped without it."""
    if variable not in os.environ:
        pytest.skip(f"{variable} names no checkout of the HOL4 text")
    return Path(os.environ[variable])


def lines(comparison: Comparison) -> list[str]:
    return [f"{one.kind} {one.what} {one.name} {one.detail}".strip() for one in comparison.unexplained]


# -- they agree ------------------------------------------------------------------------------------


@pytest.mark.parametrize("facts", [MAIN, BRANCH], ids=["main", "branch"])
def test_nothing_is_missing_extra_or_different_without_a_reason(facts: Inventory) -> None:
    assert lines(compare(facts)) == []


def test_all_that_the_text_has_is_compared() -> None:
    counts = {count.what: count.text for count in compare(MAIN).counts}
    assert counts == {
        "rule": len(MAIN.rules),
        "network rule": len(MAIN.network),
        "definition": sum(len(file.definitions) for file in MAIN.files),
        "relation": 1,
        "record": sum(len(file.records) for file in MAIN.files),
        "field": sum(len(record.fields) for file in MAIN.files for record in file.records),
        "datatype": sum(len(file.datatypes) for file in MAIN.files),
        "constructor": sum(len(each.constructors) for file in MAIN.files for each in file.datatypes),
        "abbreviation": sum(len(file.abbreviations) for file in MAIN.files),
        "overload": sum(len(file.overloads) for file in MAIN.files),
        "object": 0,
    }
    assert (len(MAIN.rules), len(BRANCH.rules), len(MAIN.network)) == (195, 196, 9)
    assert [file.name for file in MAIN.files] == list(FILES)


def test_each_reason_explains_a_difference() -> None:
    differences = compare(MAIN).differences + compare(BRANCH).differences
    found = {(one.what, one.name, one.detail) for one in differences}
    stale = [(one.what, name) for one in reasons.REASONS for name in one.names if _entry(one, name) not in found]
    assert stale == []
    texts = {one.reason for one in differences if one.what == "object"}
    assert [pattern for pattern, text in reasons.OBJECTS.items() if text not in texts] == []


def _entry(one: reasons.Reason, name: str) -> tuple[str, str, str]:
    return one.what, name, one.names[name]


def test_a_reason_explains_no_other_difference() -> None:
    assert reasons.reason("definition", "enqueue", "it takes (dq, q, msg, choose)") is not None
    assert reasons.reason("definition", "enqueue", "it takes (dq, msg, choose)") is None
    assert reasons.reason("definition", "enqueue", "") is None


# -- differences are found -------------------------------------------------------------------------


def in_file(name: str, change: Callable[[FileFacts], FileFacts]) -> Inventory:
    return replace(MAIN, files=tuple(change(file) if file.name == name else file for file in MAIN.files))


def with_rule(name: str, change: Callable[[RuleFacts], RuleFacts]) -> Inventory:
    return replace(MAIN, rules=tuple(change(rule) if rule.name == name else rule for rule in MAIN.rules))


def with_definition(file: str, name: str, change: Callable[[DefinitionFacts], DefinitionFacts]) -> Inventory:
    return in_file(
        file,
        lambda f: replace(f, definitions=tuple(change(d) if d.name == name else d for d in f.definitions)),
    )


def with_record(file: str, name: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Inventory:
    return in_file(
        file,
        lambda f: replace(
            f, records=tuple(RecordFacts(r.name, change(r.fields)) if r.name == name else r for r in f.records)
        ),
    )


def with_datatype(file: str, name: str, more: dict[str, list[str]]) -> Inventory:
    return in_file(
        file,
        lambda f: replace(
            f,
            datatypes=tuple(
                DatatypeFacts(d.name, {**d.constructors, **more}) if d.name == name else d for d in f.datatypes
            ),
        ),
    )


A_RULE = RuleFacts("brew_1", "rp_all", {"Lh_tau": ["misc nonurgent"]}, "Lh_tau", ["h"])
HOST, PRE_HOST, PARAMS, UTILS = (f"TCP1_{part}Script.sml" for part in ("hostTypes", "preHostTypes", "params", "utils"))

SEEDED: dict[str, tuple[Inventory, str]] = {
    "a rule more": (replace(MAIN, rules=(*MAIN.rules, A_RULE)), "missing rule brew_1"),
    "a rule less": (
        replace(MAIN, rules=tuple(rule for rule in MAIN.rules if rule.name != "accept_1")),
        "extra rule accept_1",
    ),
    "another category": (
        with_rule("bind_1", lambda rule: replace(rule, categories={"Lh_call": ["fast fail"]})),
        "different rule bind_1 Lh_call: fast fail is Lh_call: fast succeed",
    ),
    "a category less": (
        with_rule("accept_1", lambda rule: replace(rule, categories={"Lh_call": ["fast succeed"]})),
        "different rule accept_1 Lh_call: fast succeed is Lh_call: fast succeed, Lh_tau: slow urgent succeed",
    ),
    "another protocol": (
        with_rule("bind_1", lambda rule: replace(rule, protocol="rp_udp")),
        "different rule bind_1 rp_udp is rp_all",
    ),
    "a clause of the network more": (
        replace(MAIN, network=(*MAIN.network, replace(A_RULE, name="net_redn_10"))),
        "missing network rule net_redn_10",
    ),
    "a definition more": (
        in_file(UTILS, lambda f: replace(f, definitions=(*f.definitions, DefinitionFacts("brew", ("x",), 1)))),
        "missing definition brew",
    ),
    "a definition less": (
        in_file(UTILS, lambda f: replace(f, definitions=tuple(d for d in f.definitions if d.name != "roundup"))),
        f"extra object netspec.base.utils.roundup {UTILS} has no roundup",
    ),
    "another parameter": (
        with_definition(UTILS, "roundup", lambda d: replace(d, parameters=("size", "v"))),
        "different definition roundup it takes (bs, v)",
    ),
    "a parameter more": (
        with_definition(UTILS, "roundup", lambda d: replace(d, parameters=("bs", "v", "w"))),
        "different definition roundup it takes (bs, v)",
    ),
    "a field more": (
        with_record(HOST, "tcpcb", lambda fields: {**fields, "t_brew": "num"}),
        "missing field tcpcb.t_brew",
    ),
    "fields in another order": (
        with_record(HOST, "host", lambda fields: dict(sorted(fields.items()))),
        "different record host the fields are in another order",
    ),
    "a field of another type": (
        with_record(HOST, "tcpcb", lambda fields: {**fields, "snd_una": "tcp_seq_local option"}),
        "different field tcpcb.snd_una `tcp_seq_local option` is Seq32",
    ),
    "a constructor more": (
        with_datatype(PRE_HOST, "tcpstate", {"BREWING": []}),
        "missing constructor tcpstate.BREWING",
    ),
    "arguments of another type": (
        with_datatype(PRE_HOST, "hostThreadState", {"Recv2": ["sid # num"]}),
        "different constructor hostThreadState.Recv2 `sid # num` is SID, int, set[MsgBFlag]",
    ),
    "an argument for a plain constructor": (
        with_datatype(PRE_HOST, "tcpstate", {"LISTEN": ["num"]}),
        "different constructor tcpstate.LISTEN it takes num",
    ),
    "an abbreviation of another type": (
        in_file(PRE_HOST, lambda f: replace(f, abbreviations=(NameFacts("routing_table", "num"), f.abbreviations[1]))),
        "different abbreviation routing_table `num` is list[RoutingTableEntry]",
    ),
    "an overload more": (
        in_file(PARAMS, lambda f: replace(f, overloads=(NameFacts("+", "brew"),))),
        "missing overload + = brew",
    ),
}


@pytest.mark.parametrize(("facts", "expected"), SEEDED.values(), ids=SEEDED)
def test_a_difference_in_the_text_is_found(facts: Inventory, expected: str) -> None:
    assert expected in lines(compare(facts))


def test_a_field_less_in_the_text_is_found() -> None:
    facts = with_record(HOST, "host", lambda fields: {name: t for name, t in fields.items() if name != "ticks"})
    (line,) = lines(compare(facts))
    assert line.startswith("different record host the fields are arch, privs,")


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (SourcedObject("netspec.tcp.brew", "brew", "function"), "a function without a source"),
        (SourcedObject("netspec.tcp.brew", "BREW", "constant"), "a constant without a source"),
        (SourcedObject("netspec.tcp.brew", "brew", "function", (Origin("A.sml", "b"),)), "A.sml has no b"),
    ],
)
def test_what_only_the_specification_has_is_found(one: SourcedObject, expected: str) -> None:
    specification = Specification(objects={**python_objects(), one.qualified: one})
    assert lines(compare(MAIN, specification)) == [f"extra object {one.qualified} {expected}"]


def test_a_function_of_another_name_is_found() -> None:
    origin = Origin(UTILS, "roundup")
    (roundup,) = by_origin()[origin]
    specification = Specification(origins={**by_origin(), origin: (replace(roundup, name="round_up"),)})
    assert lines(compare(MAIN, specification)) == ["different definition roundup it is round_up"]


def test_a_rule_whose_function_has_no_source_is_found() -> None:
    specification = Specification(origins={k: v for k, v in by_origin().items() if k != Origin(RULES_FILE, "bind_1")})
    assert lines(compare(MAIN, specification)) == ["different rule bind_1 it has no source"]


# -- the conventions of parameters -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ((), ()),
        (("cb", "seg'"), ("cb", "seg_")),
        (("cb", "seg'"), ("cb",)),
        (("cb", "seg'"), ("cb", "choose")),
        (("cb",), ("arch", "cb")),
        (("cb",), ("cb", "arch", "choose")),
        (("arch", "cb"), ("arch", "cb")),
        ((None, "n"), ("ticker", "n")),
        (("cb", ("i1", "i2"), "FIN"), ("cb", "quad", "FIN")),
        (("cb", ("i1", "i2"), "FIN"), ("cb", "i1", "i2", "FIN")),
        (("cb", ("cb'", "oq'")), ("cb",)),
        ((("oq", "seg", "oq'"),), ("oq", "seg")),
    ],
)
def test_parameters_that_agree(text: tuple[str, ...], python: tuple[str, ...]) -> None:
    assert agree(text, python)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        (("cb",), ()),
        ((), ("cb",)),
        (("cb",), ("seg",)),
        (("cb", "seg"), ("seg", "cb")),
        (("cb", "seg"), ("cb",)),
        (("arch", "cb"), ("cb",)),
        ((None,), ()),
        (("cb", ("i1", "i2")), ("cb",)),
        (("cb", ("i1", "i2")), ("cb", "i1", "i3")),
        (("cb", "seg'"), ("cb", "seg_", "more")),
    ],
)
def test_parameters_that_do_not_agree(text: tuple[str, ...], python: tuple[str, ...]) -> None:
    assert not agree(text, python)


# -- what an inventory has -------------------------------------------------------------------------

TEXT = """
val _ = Hol_datatype `tea = Green | Black of num # bool => tea`;
val _ = Hol_datatype `cup = <| full : bool; drops : num list |>`;
val _ = type_abbrev("set_of_cups", ``:cup set``);
val a = Define`(pour Green (c:cup) (x,y) = x) /\\ (pour (Black(n,b)) c (x,z) = n)`;
val _ = overload_on("+", ``pour``);
val (rules, ind, cases) = Net_Hol_reln`
   (!h lbl rc. drink_1 /* rp_all, rc */ h -- lbl --> h <==
      h.hot /\\ ((lbl = Lh_call(tid,drink) /\\ rc = fast fail) \\/ (lbl = Lh_tau /\\ rc = slow urgent fail)))
/\\
   (!h lbl. drink_2 /* rp_tcp, network nonurgent */ h -- lbl --> h <==
      lbl = if h.cold then Lh_tau else Lh_trace tr)
/\\
   (!h rc. drink_3 /* rp_tcp, rc */ h -- Lh_call(tid,sip c) --> h <==
      if h.cold then rc = fast fail else if h.hot then ?n. rc = fast succeed /\\ n > 1 else ASSERTION_FAILURE "tea")
/\\
   (!h rc. drink_4 /* rp_udp, block */ h -- Lh_tau --> h <== rc = h.lid /\\ F)`;
"""


def made() -> Inventory:
    return inventory([read_source(TEXT, "TeaScript.sml")])


def test_an_inventory_has_the_facts_of_the_text() -> None:
    (file,) = made().files
    assert file == FileFacts(
        "TeaScript.sml",
        (DefinitionFacts("pour", (None, "c", ("x", None)), 2),),
        (),
        (DatatypeFacts("tea", {"Green": [], "Black": ["num # bool", "tea"]}),),
        (RecordFacts("cup", {"full": "bool", "drops": "num list"}),),
        (NameFacts("set_of_cups", "cup set"),),
        (NameFacts("+", "pour"),),
    )


def test_categories_are_those_of_each_kind_of_label() -> None:
    drink_1, drink_2, drink_3, drink_4 = made().rules
    assert drink_1.categories == {"Lh_call": ["fast fail"], "Lh_tau": ["slow urgent fail"]}
    assert drink_2.categories == {"Lh_tau": ["network nonurgent"], "Lh_trace": ["network nonurgent"]}
    assert drink_3.categories == {"Lh_call": ["fast fail", "fast succeed"]}
    assert drink_4.categories == {"Lh_tau": ["block"]}
    assert (drink_1.label, drink_3.label) == ("lbl", "Lh_call (tid,sip c)")
    assert drink_1.variables == ["h", "lbl", "rc"]


def test_an_inventory_survives_json() -> None:
    assert from_json(to_json(made())) == made()
    assert from_json(to_json(MAIN)) == MAIN


@pytest.mark.parametrize(
    ("variable", "branch"), [("NETORACLE_NETSEM", False), ("NETORACLE_NETSEM_BRANCH", True)], ids=["main", "branch"]
)
def test_the_kept_inventory_is_that_of_the_text(variable: str, branch: bool) -> None:
    assert inventory(read_model(checkout(variable))) == kept(branch)


# -- where docstrings say that things are from -----------------------------------------------------


@pytest.mark.parametrize(
    ("docstring", "names"),
    [
        ("Something.\n\nSource: A.sml, b.\n", [("A.sml", "b")]),
        ("Something.  Source: A.sml, b.", [("A.sml", "b")]),
        ("Source: A.sml, b, c' and d.", [("A.sml", "b"), ("A.sml", "c'"), ("A.sml", "d")]),
        ("Source: A.sml, b\n    and c.", [("A.sml", "b"), ("A.sml", "c")]),
        ("Source: A.sml, b (a set; this chooses a member).", [("A.sml", "b")]),
        ("Source: RFC 5961, section 3.2.", []),
        ("The sources of A.sml, b.", []),
    ],
)
def test_sources_in_docstrings(docstring: str, names: list[tuple[str, str]]) -> None:
    assert origins(docstring) == tuple(Origin(*name) for name in names)


def test_functions_classes_constants_and_rules_have_sources() -> None:
    found = python_objects()
    kinds = {
        "netspec.base.utils.roundup": "function",
        "netspec.tcp.host_types.Host": "class",
        "netspec.tcp.pre_host_types.TcpState": "enum",
        "netspec.tcp.params.SB_MAX": "constant",
        "netspec.tcp.rules.bind.bind_1": "rule",
        "netspec.tcp.pre_host_types.RoutingTable": "alias",
    }
    assert {name: found[name].kind for name in kinds} == kinds
    assert all(found[name].origins for name in kinds)
    assert found["netspec.base.base_types.LO"].kind == "member"


# -- the command -----------------------------------------------------------------------------------


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "netoracle", "transcription", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )


def a_checkout(folder: Path) -> Path:
    """Files as the model's, in which nothing is but one definition."""
    for name in FILES:
        (folder / name).write_text("open HolKernel;\n")
    (folder / FILES[0]).write_text("val _ = Define`brew x = x + 1`;\n")
    return folder


def test_the_command_without_a_checkout(tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    done = run("check", "--json", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "definitions" in done.stdout
    report = json.loads(file.read_text())
    assert report["unexplained"] == 0 and report["branch"] is None
    assert {count["what"]: count["text"] for count in report["counts"]}["rule"] == 195
    assert run("check", "--branch").returncode == 0


def test_the_command_finds_differences(tmp_path: Path) -> None:
    done = run("check", a_checkout(tmp_path))
    assert done.returncode == 1
    assert "brew" in done.stdout and "roundup" in done.stdout


def test_the_command_writes_inventories(tmp_path: Path) -> None:
    file = tmp_path / "inventory.json"
    assert run("inventory", a_checkout(tmp_path), "-o", file).returncode == 0
    assert [each.name for each in from_json(file.read_text()).files[0].definitions] == ["brew"]


def test_the_command_says_in_one_line_what_it_cannot_use(tmp_path: Path) -> None:
    broken = a_checkout(tmp_path)
    for arguments in (
        ["check", tmp_path / "nothing"],
        ["check", broken, "--branch"],
        ["check", "--json", tmp_path / "no" / "folder"],
        ["inventory", tmp_path / "nothing"],
    ):
        done = run(*arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), arguments
    (broken / FILES[3]).write_text("\nval _ = Define`brew x = `;\n")
    done = run("check", broken)
    assert done.returncode == 2
    assert f"{FILES[3]}:2:" in done.stderr

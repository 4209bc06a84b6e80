"""One-line changes of the rules that captures are judged by, as data.

`STRICTER` forbid what a correct party may do, which the product of the abstract network with the rules shows;
`CHANGED` are stricter or laxer, which shows in the verdicts on shipped captures and their mutants.
"""

from __future__ import annotations

from seeding import Fault

from netspec.dhcp import acknowledgements, answers, client, relay, server
from netspec.dhcp.messages import clients, encoding, servers

ONE = {"clients": 1, "pool": 1}
RELAYED = {**ONE, "relay": True}
REFUSING = {**ONE, "delay": 1, "loss": True, "duplicate": True}
TWO_SERVERS = {**ONE, "servers": 2}
STARTING = {**ONE, "reboot": True}
RELAYED_STARTING = {**RELAYED, "reboot": True, "forget": True}

STRICTER = (
    Fault(client, "request_lease_again", "if destination != EVERYONE and", "if", options=ONE),
    Fault(server, "acknowledge", "(Kind.request, Kind.inform, Kind.discover)", "(Kind.discover,)", options=ONE),
    Fault(server, "refuse", "(Kind.request,)", "(Kind.inform,)", options=REFUSING),
    Fault(answers, "answered", "asked in fitting}", "asked in fitting if asked.kind is not Kind.request}", options=ONE),
    Fault(relay, "pass_on_request", "(ANYWHERE, message.giaddr)", "(message.giaddr,)", options=RELAYED),
    Fault(clients, "request_with_server", '50 in seen.values, "no', '50 not in seen.values, "no', options=ONE),
    Fault(clients, "request_without_server", "seen.message.ciaddr != ANYWHERE", "seen.broadcast", options=ONE),
    Fault(servers, "refusal", "sorted(seen.values.keys() - _ALLOWED_IN_NAK)", "sorted(seen.values)", options=REFUSING),
    Fault(encoding, "sender", "not seen.reply and not seen.relayed", "not seen.reply", options=RELAYED),
    Fault(client, "request_selecting", "set(before.asked) <= set(now.asked)", "before.asked < now.asked", options=ONE),
    Fault(client, "request_selecting", "or now.destination == EVERYONE or seen.relayed", "", options=RELAYED),
    Fault(client, "_takes_an_offer", "bool(theirs)", "len(state.offers) == 1", options=TWO_SERVERS),
    Fault(
        client,
        "_takes_an_offer",
        "seen.requested in addresses",
        "seen.requested == state.offers[0].address",
        options=TWO_SERVERS,
    ),
    Fault(client, "_takes_an_offer", "xid != before.xid", "xid == before.xid", options=ONE),
    Fault(client, "hear_offer", "seen.message.xid, seen.server", "seen.message.xid ^ 1, seen.server", options=ONE),
    Fault(server, "hear_any", "message.flags,", "0x8000,", options=ONE),
    Fault(answers, "_destination", "everyone or to == seen.message.yiaddr", "everyone", options=ONE),
    Fault(relay, "pass_on_request", "now.to in to", "now.to not in to", options=RELAYED),
    Fault(relay, "pass_on_request", "first or same_information", "not first", options=RELAYED),
    Fault(client, "request_reboot", "judge.demand(32, not same,", "judge.demand(32, False,", options=STARTING),
    Fault(clients, "request_without_server", "seen.message.ciaddr != ANYWHERE", "True", options=STARTING),
    Fault(server, "refuse", "seen.broadcast, found", "not seen.broadcast, found", options=RELAYED_STARTING),
    Fault(
        client,
        "_takes_an_offer",
        "if seen.relayed and not judge.complete",
        "if False",
        options=RELAYED_STARTING,
        system="dhcp-late",
    ),
)

CHANGED = (
    Fault(client, "request_lease_again", "bool(servers)", "not servers"),
    Fault(client, "hear_offer", "seen.message.yiaddr)", "seen.message.ciaddr)"),
    Fault(client, "hear_lease", "seen.message.yiaddr, seen.server", "seen.message.ciaddr, seen.server"),
    Fault(server, "hear_any", "message.xid,", "message.xid ^ 1,"),
    Fault(server, "hear_any", "message.flags,", "0x8000,"),
    Fault(answers, "answered", "asked.hardware == seen.hardware]\n    if not theirs", "True]\n    if not theirs"),
    Fault(acknowledgements, "acknowledges", "message.yiaddr not in wanted", "message.yiaddr in wanted"),
    Fault(relay, "pass_on_request", "(ANYWHERE, message.giaddr)", "(message.giaddr,)"),
    Fault(clients, "empty_addresses", "message.yiaddr == ANYWHERE", "True"),
    Fault(clients, "decline", "50 in seen.values and 54 in seen.values", "50 not in seen.values"),
    Fault(servers, "options", "not forbidden", "True"),
    Fault(encoding, "end", "tail[:1] == bytes((END,)), wrong", "True, wrong"),
    Fault(encoding, "sender", "message.op == (2 if seen.reply else 1)", "True"),
    Fault(client, "request_selecting", "set(before.asked) <= set(now.asked)", "True"),
    Fault(client, "_takes_an_offer", "seen.requested in addresses", "True"),
    Fault(client, "_takes_an_offer", "xid != before.xid", "False"),
    Fault(answers, "_destination", "everyone or to == seen.message.yiaddr", "everyone"),
    Fault(answers, "_unasked", "not theirs or not alone", "True"),
)

"""One-line changes of the rules that captures are judged by, as data.

`STRICTER` forbid what a correct party may do, which the product of the abstract network with the rules shows;
`CHANGED` are stricter or laxer, which shows in the verdicts on shipped captures and their mutants.
"""

from __future__ import annotations

from seeding import Fault

from netspec.dhcp import answers, client, relay, server
from netspec.dhcp.messages import clients, encoding, servers

ONE = {"clients": 1, "pool": 1}
RELAYED = {**ONE, "relay": True}
REFUSING = {**ONE, "delay": 1, "loss": True, "duplicate": True}
TWO_SERVERS = {**ONE, "servers": 2}
LATE = {**ONE, "delay": 1}

STRICTER = (
    Fault(client, "send_discover", "if offer.xid == now.xid", "if False", options={**ONE, "impatient": True}),
    Fault(client, "request_selecting", "if offer.server in (None, seen.server)", "[:1]", options=TWO_SERVERS),
    Fault(client, "request_selecting", "bool(theirs)", "len(state.offers) == 1", options=TWO_SERVERS),
    Fault(client, "request_selecting", "None not in (", "None in (None, ", options=RELAYED),
    Fault(client, "request_selecting", "(now.asked or b", "not state.leases and (now.asked or b", options=ONE),
    Fault(client, "request_lease_again", "if destination != EVERYONE and", "if", options=ONE),
    Fault(client, "hear_lease", "(Kind.ack, None)", "(Kind.offer,)", options=ONE),
    Fault(server, "hear_any", "if asked in state.asked:", "if state.asked:", options=ONE),
    Fault(server, "acknowledge", "(Kind.request, Kind.inform, Kind.discover)", "(Kind.discover,)", options=ONE),
    Fault(server, "refuse", "(Kind.request,)", "(Kind.inform,)", options=REFUSING),
    Fault(answers, "answered", "<= _within(", "< _within(", options=LATE),
    Fault(answers, "acknowledges", "asked.server != seen.server", "asked.xid", options=ONE),
    Fault(answers, "_destination", "(EVERYONE, seen.message.yiaddr)", "(EVERYONE,)", options=ONE),
    Fault(relay, "pass_on_request", "(ANYWHERE, message.giaddr)", "(message.giaddr,)", options=RELAYED),
    Fault(clients, "request_with_server", '50 in seen.values, "no', '50 not in seen.values, "no', options=ONE),
    Fault(clients, "request_without_server", "seen.message.ciaddr != ANYWHERE", "seen.broadcast", options=ONE),
    Fault(clients, "discover", "not seen.relayed", "True", options=RELAYED),
    Fault(servers, "refusal", "sorted(seen.values.keys() - _ALLOWED_IN_NAK)", "sorted(seen.values)", options=REFUSING),
    Fault(encoding, "sender", "not seen.reply and not seen.relayed", "not seen.reply", options=RELAYED),
)

CHANGED = (
    Fault(client, "send_discover", "now.secs >= before.secs or late", "now.secs > before.secs"),
    Fault(client, "request_selecting", "seen.requested in addresses", "True"),
    Fault(client, "request_selecting", '(now.asked or b"") == (before.asked or b"")', "True"),
    Fault(client, "request_selecting", "demand(38, now.identifier == before.identifier", "demand(38, True"),
    Fault(client, "request_selecting", "now.secs == before.secs", "now.secs != before.secs"),
    Fault(client, "request_lease_again", "bool(servers)", "not servers"),
    Fault(client, "hear_offer", "seen.message.yiaddr)", "seen.message.ciaddr)"),
    Fault(client, "hear_lease", "seen.message.yiaddr, seen.server", "seen.message.ciaddr, seen.server"),
    Fault(server, "hear_any", "message.xid,", "message.xid ^ 1,"),
    Fault(server, "hear_any", "message.flags,", "0x8000,"),
    Fault(answers, "answered", "not xids,", "True,"),
    Fault(answers, "answered", "asked.hardware == seen.hardware]\n    if not theirs", "True]\n    if not theirs"),
    Fault(answers, "_destination", "(EVERYONE, seen.message.yiaddr)", "(EVERYONE,)"),
    Fault(answers, "acknowledges", "message.yiaddr != wanted", "message.yiaddr == wanted"),
    Fault(answers, "acknowledges", "asked.server != seen.server", "asked.server == seen.server"),
    Fault(relay, "pass_on_request", "(ANYWHERE, message.giaddr)", "(message.giaddr,)"),
    Fault(clients, "empty_addresses", "message.yiaddr == ANYWHERE", "True"),
    Fault(clients, "decline", "50 in seen.values and 54 in seen.values", "50 not in seen.values"),
    Fault(servers, "options", "seen.server is not None", "True"),
    Fault(encoding, "end", "tail[:1] == bytes((END,)), wrong", "True, wrong"),
    Fault(encoding, "sender", "message.op == (2 if seen.reply else 1)", "True"),
)

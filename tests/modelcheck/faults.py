"""One-line changes of the abstract specification, as data: where, what is replaced, by what, and what notices."""

from __future__ import annotations

from seeding import Fault

from netspec.dhcp.abstract import client, composition, relay, server

ONE = {"clients": 1, "pool": 1}
TWO = {"clients": 2, "pool": 1}
FREE = {"clients": 2, "pool": 2}
DECLINING = {"clients": 1, "pool": 2, "conflict": True}
STARTING = {**ONE, "reboot": True}
TWO_STARTING = {**TWO, "reboot": True}
RESTARTING = {**TWO, "restart": True}

FAULTS = (
    Fault(server, "server_acks", "binding.status == Status.FREE or", "True or", "unique_bindings", {**TWO, "delay": 1}),
    Fault(server, "server_acks", "_is_for(binding, message.client)", "False", "can_bind", ONE),
    Fault(
        server, "server_offers", "binding = Binding(Status.OFFERED", "Binding(Status.OFFERED", "offers_reserved", FREE
    ),
    Fault(
        server,
        "server_offers",
        "and binding.left > 0",
        "and binding.left > 9",
        "use_within_lease",
        {**ONE, "delay": 1, "duplicate": True, "reorder": True},
    ),
    Fault(server, "offerable", "server.binding(address).status == Status.FREE", "True", "offers_reserved", TWO),
    Fault(
        server,
        "server_extends",
        "yield _granted(server, message, message.ciaddr, parameters)",
        "yield server, _granted(server, message, message.ciaddr, parameters)[1]",
        "use_within_lease",
        ONE,
    ),
    Fault(
        server, "server_extends", "binding.left > 0 or", "True or", "only_running_leases_extended", {**ONE, "delay": 2}
    ),
    Fault(server, "server_marks_declined", "Binding(Status.DECLINED)", "Binding()", "declined_not_offered", DECLINING),
    Fault(server, "server_reclaims", "and binding.left == 0", "", "use_within_lease", ONE),
    Fault(
        server,
        "server_reclaims",
        "binding.status == Status.BOUND",
        "binding.status != Status.FREE",
        "declined_not_offered",
        DECLINING,
    ),
    Fault(server, "_granted", "parameters.lease + parameters.grace", "parameters.lease - 1", "use_within_lease", ONE),
    Fault(server, "_later", "left=max(binding.left - 1, 0)", "left=binding.left", "can_end", FREE),
    Fault(server, "server_forgets_offer", "binding.left == 0", "False", "addresses_return", {**FREE, "loss": True}),
    Fault(client, "client_expires", "client.left == 0", "client.left < 0", "unique_bindings", TWO),
    Fault(
        client, "client_time", "max(client.left - 1, 0) if ends else client.left", "client.left", "unique_bindings", TWO
    ),
    Fault(client, "lease_left", "else client.since", "else 0", "use_within_lease", {**ONE, "delay": 1}),
    Fault(
        client,
        "client_renews",
        "mode=Mode.RENEWING, since=0",
        "mode=Mode.RENEWING, left=parameters.lease, since=0",
        "use_within_lease",
        {**ONE, "loss": True},
    ),
    Fault(client, "client_binds", "in_use and", "False and", "no_conflict", DECLINING),
    Fault(
        client,
        "exchange_ends",
        "Mode.INIT_REBOOT, Mode.BOUND, Mode.REBINDING",
        "Mode.INIT_REBOOT, Mode.REBINDING",
        "use_within_lease",
        {**ONE, "duplicate": True, "delay": 2},
    ),
    Fault(client, "renewal", "ciaddr=client.address", "ciaddr=0", "can_extend", ONE),
    Fault(client, "request", "server=client.server", 'server=""', "can_bind", ONE),
    Fault(
        relay, "relay_forwards", "destination=message.client", "destination=message.source", "can_bind", {"relay": True}
    ),
    Fault(
        composition,
        "time_passes",
        "clients_.client_time(client, setting.parameters)",
        "client",
        "use_within_lease",
        ONE,
    ),
    Fault(server, "server_confirms", "binding.client == message.client", "True", "unique_bindings", TWO_STARTING),
    Fault(
        server,
        "server_confirms",
        "yield _granted(server, message, message.requested, parameters)",
        "yield server, _granted(server, message, message.requested, parameters)[1]",
        "use_within_lease",
        STARTING,
    ),
    Fault(
        server,
        "server_denies",
        "reply(server, message, MessageType.NAK)",
        "reply(server, message, MessageType.ACK, message.requested)",
        "unique_bindings",
        TWO_STARTING,
    ),
    Fault(server, "_is_verification", "server.owns(message.requested)", "False", "can_reboot", STARTING),
    Fault(server, "server_restarts", "else _recorded(binding)", "else Binding()", "unique_bindings", RESTARTING),
    Fault(server, "_recorded", "binding.status == Status.OFFERED", "binding.left == 2", "use_within_lease", RESTARTING),
    Fault(client, "client_reboots", "client._replace(mode=", "Client(", "can_reboot", STARTING),
    Fault(client, "client_asks_again", "mode=Mode.REBOOTING", "mode=Mode.INIT", "can_reboot", STARTING),
    Fault(client, "client_keeps_lease", "and client.left > 0", "", "unique_bindings", TWO_STARTING),
    Fault(
        client,
        "client_keeps_lease",
        "mode=Mode.BOUND, since=0",
        "mode=Mode.BOUND, left=parameters.lease, since=0",
        "use_within_lease",
        {**STARTING, "loss": True},
    ),
    Fault(
        client,
        "client_resumes",
        "left = lease_left(client, parameters)",
        "left = parameters.lease",
        "use_within_lease",
        {**STARTING, "delay": 1},
    ),
    Fault(
        client,
        "client_time",
        "ends =",
        "ends = client.uses_address and",
        "use_within_lease",
        {**STARTING, "loss": True},
    ),
    Fault(
        client,
        "exchange_ends",
        "Mode.INIT_REBOOT, Mode.BOUND, Mode.REBINDING",
        "Mode.BOUND, Mode.REBINDING",
        "use_within_lease",
        {**STARTING, "delay": 2, "duplicate": True},
    ),
    Fault(client, "verification", "requested=client.address", "requested=0", "can_reboot", STARTING),
)

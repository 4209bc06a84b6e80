"""The rules of the host labelled transition system, one module for each of its chapters.

Importing this package enters all of them into the index, as far as modules allow in the order of
the source: TCP1_hostLTSScript.sml.
"""

# ruff: noqa: I001
from netspec.tcp.rules import accept
from netspec.tcp.rules import bind
from netspec.tcp.rules import close
from netspec.tcp.rules import connect
from netspec.tcp.rules import disconnect
from netspec.tcp.rules import dup
from netspec.tcp.rules import sockinfo
from netspec.tcp.rules import sockopts
from netspec.tcp.rules import listen
from netspec.tcp.rules import misc_calls
from netspec.tcp.rules import pselect
from netspec.tcp.rules import recv
from netspec.tcp.rules import recv_udp
from netspec.tcp.rules import send
from netspec.tcp.rules import send_udp
from netspec.tcp.rules import shutdown
from netspec.tcp.rules import socket
from netspec.tcp.rules import return_
from netspec.tcp.rules import deliver_in_1
from netspec.tcp.rules import deliver_in_2
from netspec.tcp.rules import deliver_in_3
from netspec.tcp.rules import deliver_in_drop
from netspec.tcp.rules import deliver_in_7
from netspec.tcp.rules import deliver_in_8
from netspec.tcp.rules import deliver_out
from netspec.tcp.rules import timers
from netspec.tcp.rules import deliver_in_udp
from netspec.tcp.rules import deliver_in_icmp
from netspec.tcp.rules import deliver_queue
from netspec.tcp.rules import trace
from netspec.tcp.rules import interface
from netspec.tcp.rules import time

__all__ = [
    "accept",
    "bind",
    "close",
    "connect",
    "deliver_in_1",
    "deliver_in_2",
    "deliver_in_3",
    "deliver_in_7",
    "deliver_in_8",
    "deliver_in_drop",
    "deliver_in_icmp",
    "deliver_in_udp",
    "deliver_out",
    "deliver_queue",
    "disconnect",
    "dup",
    "interface",
    "listen",
    "misc_calls",
    "pselect",
    "recv",
    "recv_udp",
    "return_",
    "send",
    "send_udp",
    "shutdown",
    "socket",
    "sockinfo",
    "sockopts",
    "time",
    "timers",
    "trace",
]

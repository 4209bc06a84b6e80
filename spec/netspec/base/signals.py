"""The names of signals."""

from enum import Enum


class Signal(Enum):
    """A signal of POSIX, Linux or BSD.

    Source: TCP1_signalsScript.sml, signal.
    """

    SIGABRT = "SIGABRT"
    SIGALRM = "SIGALRM"
    SIGBUS = "SIGBUS"
    SIGCHLD = "SIGCHLD"
    SIGCONT = "SIGCONT"
    SIGFPE = "SIGFPE"
    SIGHUP = "SIGHUP"
    SIGILL = "SIGILL"
    SIGINT = "SIGINT"
    SIGKILL = "SIGKILL"
    SIGPIPE = "SIGPIPE"
    SIGQUIT = "SIGQUIT"
    SIGSEGV = "SIGSEGV"
    SIGSTOP = "SIGSTOP"
    SIGTERM = "SIGTERM"
    SIGTSTP = "SIGTSTP"
    SIGTTIN = "SIGTTIN"
    SIGTTOU = "SIGTTOU"
    SIGUSR1 = "SIGUSR1"
    SIGUSR2 = "SIGUSR2"
    SIGPOLL = "SIGPOLL"
    SIGPROF = "SIGPROF"
    SIGSYS = "SIGSYS"
    SIGTRAP = "SIGTRAP"
    SIGURG = "SIGURG"
    SIGVTALRM = "SIGVTALRM"
    SIGXCPU = "SIGXCPU"
    SIGXFSZ = "SIGXFSZ"


(
    SIGABRT,
    SIGALRM,
    SIGBUS,
    SIGCHLD,
    SIGCONT,
    SIGFPE,
    SIGHUP,
    SIGILL,
    SIGINT,
    SIGKILL,
    SIGPIPE,
    SIGQUIT,
    SIGSEGV,
    SIGSTOP,
    SIGTERM,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGUSR1,
    SIGUSR2,
    SIGPOLL,
    SIGPROF,
    SIGSYS,
    SIGTRAP,
    SIGURG,
    SIGVTALRM,
    SIGXCPU,
    SIGXFSZ,
) = Signal

"""How a command fails: the message says what is wrong and what to do about it.

    ResonanceError
    ├── UsageError           exit 2: what was asked or set cannot be done
    └── ServiceUnreachable   exit 3: a broker or server does not answer, or refuses

Whatever else reaches `main` is a fault of ours: exit 70.
"""


class ResonanceError(Exception):
    """A failure that a person can mend; its message is shown, without a traceback."""

    exit_code = 1


class UsageError(ResonanceError):
    """What was asked or set cannot be done."""

    exit_code = 2


class ServiceUnreachable(ResonanceError):  # noqa: N818 - it is the service that is at fault.
    """A broker or server does not answer, or refuses for good."""

    exit_code = 3

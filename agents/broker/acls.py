"""Who may do what on the broker: the least that each role needs, as Kafka's ACLs."""

from typing import Final, Literal, NamedTuple, get_args

from kafka.admin import ACL, ACLOperation, ACLPermissionType, ResourcePattern, ResourceType

from resonance.agents.broker.provisioning import admin_client, full_name
from resonance.agents.errors import ServiceUnreachable, UsageError
from resonance.agents.settings import Settings
from resonance.streams import topics
from resonance.streams.topics import TopicSpec

Role = Literal["scoring", "engagement", "archive", "board", "import", "operator", "retry", "admin"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
Operation = Literal["READ", "WRITE", "CREATE", "DESCRIBE", "DESCRIBE_CONFIGS"]

# READ and WRITE include DESCRIBE. An idempotent producer needs no more than WRITE since Kafka 3.
_READS: Final[dict[Role, tuple[TopicSpec, ...]]] = {
    "scoring": topics.SOURCES,
    "engagement": (topics.EVENTS, topics.STATE),
    "archive": (topics.EVENTS,),
    "board": (topics.WINDOWS, topics.EVENTS),
    "operator": (topics.EVENTS, topics.DEAD_LETTERS, topics.STATE),  # `resonance doctor`.
    "retry": (*topics.SOURCES, topics.DEAD_LETTERS),  # To send records once more, as they came.
}
_WRITES: Final[dict[Role, tuple[TopicSpec, ...]]] = {
    "scoring": (topics.EVENTS, topics.DEAD_LETTERS),
    "engagement": (topics.WINDOWS, topics.STATE, topics.DEAD_LETTERS),
    "import": topics.SOURCES,
    "retry": (*topics.SOURCES, topics.DEAD_LETTERS),
}
# At start the workers check how every topic is set up; `topics create` makes them all.
_OF_EVERY_TOPIC: Final[dict[Role, tuple[Operation, ...]]] = {
    "scoring": ("DESCRIBE", "DESCRIBE_CONFIGS"),
    "engagement": ("DESCRIBE", "DESCRIBE_CONFIGS"),
    "archive": ("DESCRIBE", "DESCRIBE_CONFIGS"),
    "operator": ("DESCRIBE", "DESCRIBE_CONFIGS"),
    "retry": ("DESCRIBE", "DESCRIBE_CONFIGS"),
    "admin": ("CREATE", "DESCRIBE", "DESCRIBE_CONFIGS"),
}
_GROUPS: Final[dict[Role, tuple[tuple[str, Operation], ...]]] = {
    "scoring": (("resonance-scoring", "READ"),),
    "engagement": (("resonance-engagement", "READ"),),
    "archive": (("resonance-archive", "READ"),),
    # How far they have come; to move them it may not.
    "operator": (
        ("resonance-scoring", "DESCRIBE"),
        ("resonance-engagement", "DESCRIBE"),
        ("resonance-archive", "DESCRIBE"),
    ),
}


class Grant(NamedTuple):
    """One permission: what may be done to which topic or consumer group."""

    kind: Literal["topic", "group"]
    name: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation} {self.kind} {self.name}"


def grants_of(settings: Settings, role: Role) -> list[Grant]:
    """Return all that the role may do, under the prefix of the settings; nothing else is needed.

    >>> [str(grant) for grant in grants_of(Settings(), "board")]
    ['READ topic windows', 'READ topic events']
    """
    found = [Grant("topic", full_name(settings, spec), "READ") for spec in _READS.get(role, ())]
    found += [Grant("topic", full_name(settings, spec), "WRITE") for spec in _WRITES.get(role, ())]
    found += [
        Grant("topic", full_name(settings, spec), operation)
        for spec in topics.ALL
        for operation in _OF_EVERY_TOPIC.get(role, ())
    ]
    found += [
        Grant("group", settings.topic_prefix + group, operation)
        for group, operation in _GROUPS.get(role, ())
    ]
    return found


def grant(settings: Settings, role: Role, principal: str, host: str = "*") -> list[Grant]:
    """Let the principal (`User:name`) do what the role needs, from `host`; return what that is.

    To grant again changes nothing. Raises `UsageError` for a principal that is none, and
    `ServiceUnreachable` when the broker cannot be reached, or refuses.
    """
    refuse_principal(principal)
    wanted = grants_of(settings, role)
    with admin_client(settings) as admin:
        answer = admin.create_acls([_acl(one, principal, host) for one in wanted])
    if refused := answer["failed"]:
        message = (
            f"{settings.broker} refuses the permissions ({refused[0].__name__}). They are given "
            "by a principal with ALTER on the cluster, as `super.users` of the broker lists it"
        )
        raise ServiceUnreachable(message)
    return wanted


def refuse_principal(principal: str) -> None:
    """Raise `UsageError` unless it is a user's name as Kafka writes it."""
    kind, _, name = principal.partition(":")
    if kind != "User" or not name or name == "*":
        message = f"{principal!r} is no principal. Write it as User:NAME, with one name"
        raise UsageError(message)


def _acl(one: Grant, principal: str, host: str) -> ACL:
    return ACL(
        principal=principal,
        host=host,
        operation=ACLOperation[one.operation],
        permission_type=ACLPermissionType.ALLOW,
        resource_pattern=ResourcePattern(ResourceType[one.kind.upper()], one.name),
    )

"""Print the AsyncAPI description of every topic, made from the types: `make docs`.

The types are the contract; docs/asyncapi.yaml only shows it to people and tools of other languages.
"""

import sys
from importlib.metadata import version
from inspect import cleandoc
from typing import Any, Final

import msgspec
import yaml

from resonance.agents.state.snapshots import Manifest
from resonance.streams import topics
from resonance.streams.dead_letters import DeadLetter
from resonance.streams.events import (
    Comment,
    LoggedPurchase,
    LoggedStage,
    Purchase,
    ScoredComment,
    Stage,
    Tick,
)
from resonance.streams.topics import TopicSpec
from resonance.streams.windows import UPTO_HEADER, WindowRow

Document = dict[str, Any]

CARRIES: Final[dict[str, tuple[type, ...]]] = {
    topics.COMMENTS.name: (Comment,),
    topics.PURCHASES.name: (Purchase,),
    topics.STAGE.name: (Stage,),
    topics.EVENTS.name: (ScoredComment, LoggedPurchase, LoggedStage, Tick),
    topics.DEAD_LETTERS.name: (DeadLetter,),
    topics.WINDOWS.name: (WindowRow,),
    topics.STATE.name: (Manifest,),
}
READS: Final[dict[str, tuple[TopicSpec, ...]]] = {
    "scoring": topics.SOURCES,
    "engagement": (topics.EVENTS, topics.STATE),
    "board": (topics.WINDOWS, topics.EVENTS),
}
WRITES: Final[dict[str, tuple[TopicSpec, ...]]] = {
    "scoring": (topics.EVENTS, topics.DEAD_LETTERS),
    "engagement": (topics.WINDOWS, topics.STATE, topics.DEAD_LETTERS),
}
# What the Kafka binding of AsyncAPI has names for; the rest of a topic's settings is an extension.
BOUND_SETTINGS: Final = frozenset({"cleanup.policy", "retention.ms", "max.message.bytes"})


def document() -> Document:
    """Return the whole description, in AsyncAPI 3.0."""
    types = [kind for kinds in CARRIES.values() for kind in kinds]
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Resonance",
            "version": version("resonance-live"),
            "description": "What flows between the hops. The rules of order, lateness and "
            "de-duplication are in contracts.md, what the numbers mean in measures.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {spec.name: _channel(spec) for spec in topics.ALL},
        "operations": dict(_operations()),
        "components": {
            "messages": {
                kind.__name__: _message(kind, spec)
                for spec in topics.ALL
                for kind in CARRIES[spec.name]
            },
            "schemas": {name: _tidy(schemas[name]) for name in sorted(schemas)},
        },
    }


def _tidy(schema: Document) -> Document:
    """Take the source's indentation out of a docstring that became a description."""
    if "description" not in schema:
        return schema
    return schema | {"description": cleandoc(schema["description"])}


def _channel(spec: TopicSpec) -> Document:
    config: Document = {
        name: int(value) if value.isdecimal() else value for name, value in spec.config.items()
    }
    if "cleanup.policy" in config:
        config["cleanup.policy"] = [config["cleanup.policy"]]
    bound = {name: value for name, value in config.items() if name in BOUND_SETTINGS}
    others = {name: value for name, value in config.items() if name not in BOUND_SETTINGS}
    channel: Document = {
        "address": spec.name,
        "description": spec.holds,
        "messages": {
            kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}
            for kind in CARRIES[spec.name]
        },
        "bindings": {"kafka": {"topicConfiguration": bound, "bindingVersion": "0.5.0"}},
    }
    return channel | ({"x-topic-configuration": others} if others else {})


def _operations() -> list[tuple[str, Document]]:
    return [
        (
            f"{hop}-{action}s-{spec.name}",
            {"action": action, "channel": {"$ref": f"#/channels/{spec.name}"}},
        )
        for action, table in (("receive", READS), ("send", WRITES))
        for hop, specs in table.items()
        for spec in specs
    ]


def _message(kind: type, spec: TopicSpec) -> Document:
    message: Document = {
        "summary": (kind.__doc__ or "").partition("\n")[0],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": spec.key},
                "bindingVersion": "0.5.0",
            }
        },
    }
    if spec is topics.WINDOWS:
        upto = {"type": "string", "pattern": "^[0-9]+$", "description": "offset it includes"}
        message["headers"] = {"type": "object", "properties": {UPTO_HEADER: upto}}
    return message


class _PlainDumper(yaml.SafeDumper):
    """Writes what occurs twice twice: a reader should not have to follow anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML asks of each value.
        return True


def text() -> str:
    """Return the description as YAML."""
    head = "# Made by `make docs` from the types in streams/; edit those.\n"
    body: str = yaml.dump(
        document(), Dumper=_PlainDumper, sort_keys=False, allow_unicode=True, width=100
    )
    return head + body


if __name__ == "__main__":
    sys.stdout.write(text())

"""What the caller knows of an input and the input may not say."""

from dataclasses import dataclass

from resonance.streams.codec import MAX_EVENT_BYTES


@dataclass(frozen=True, slots=True)
class Options:
    """What is given explicitly wins over what a row says; `name` is the last resort.

    `markets` and `languages` are those the stream is aimed at (ISO 3166-1 alpha-2, BCP 47).
    """

    name: str = "import"  # The stream and channel of an input that names none.
    stream: str | None = None
    channel: str | None = None
    platform: str | None = None
    markets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    max_event_bytes: int = MAX_EVENT_BYTES  # Of events of our own; longer ones are skipped.

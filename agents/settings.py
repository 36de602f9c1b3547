"""Settings: defaults < `resonance.toml` < `RESONANCE_…` variables < the command line.

What is unknown or out of bounds is refused by name: a typing mistake never runs with a default.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from resonance.agents.errors import UsageError
from resonance.streams.fold.settings import FoldSettings

CONFIG_FILE: Final = Path("resonance.toml")
PREFIX: Final = "RESONANCE_"
# Variables that are no settings: the file's place, tracebacks, where tests find things, and the
# password, which no file of settings may hold and nothing prints (connection.py reads it).
RESERVED_VARIABLES: Final = frozenset(
    PREFIX + name for name in ("CONFIG", "DEBUG", "DATA", "KAFKA_LIBS", "SASL_PASSWORD")
)
DEFAULT: Final = "default"
COMMAND_LINE: Final = "command line"

Brokers = Annotated[str, Meta(pattern=r"^\S+:\d{1,5}(,\S+:\d{1,5})*$")]
Prefix = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,64}$")]
Host = Annotated[str, Meta(min_length=1, max_length=255)]
Username = Annotated[str, Meta(min_length=0, max_length=255)]
ModelName = Annotated[str, Meta(min_length=0, max_length=4_096)]
Location = Annotated[str, Meta(min_length=0, max_length=4_096)]
Labels = Annotated[str, Meta(min_length=0, max_length=4_096)]
Ratio = Annotated[float, Meta(ge=0.01, le=1)]
# A market and its ratio, any number of times; 1 000 characters hold more than a hundred markets.
MARKET_RATIO: Final = r"([A-Z]{2}|unknown)=(0?\.\d{1,4}|1(\.0)?)"
MarketRatios = Annotated[
    str, Meta(pattern=rf"^({MARKET_RATIO}(,{MARKET_RATIO})*)?$", max_length=1_000)
]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Url = Annotated[str, Meta(pattern=r"^(https?://\S+)?$", max_length=1_000)]
BatchRecords = Annotated[int, Meta(ge=1, le=100_000)]
RetentionHours = Annotated[int, Meta(ge=1, le=87_600)]
# Under a tenth of a second a worker would do little else; over an hour it would look dead.
IntervalSeconds = Annotated[float, Meta(ge=0.1, le=3_600)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. A field `x_y` is `x_y` in TOML and `RESONANCE_X_Y` outside."""

    broker: Brokers = "127.0.0.1:9092"  # host:port[,host:port…]
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = "SCRAM-SHA-512"
    sasl_username: Username = ""
    sasl_password_file: Path | None = None  # None: RESONANCE_SASL_PASSWORD.
    ssl_ca_file: Path | None = None  # None: the authorities that this machine trusts.
    ssl_certificate_file: Path | None = None  # Ours, where the broker asks for one.
    ssl_key_file: Path | None = None  # None: it lies in the certificate's file.
    topic_prefix: Prefix = ""  # Put before every topic's and group's name.
    partitions: Annotated[int, Meta(ge=1, le=1_024)] = 4  # Of comments, purchases, stage, events.
    replication_factor: Annotated[int, Meta(ge=1, le=15)] = 1
    raw_retention_hours: RetentionHours = 72  # Viewers' own ids and whole texts are there alone.
    events_retention_hours: RetentionHours = 720
    dead_letters_retention_hours: RetentionHours = 168
    scoring_batch_records: BatchRecords = 500
    engagement_batch_records: BatchRecords = 1_000  # All of a poll is in memory at once.
    snapshot_interval_seconds: IntervalSeconds = 5.0
    publish_interval_seconds: IntervalSeconds = 0.5  # How often changed windows are written.
    tick_interval_seconds: IntervalSeconds = 0.5
    session_timeout_seconds: Annotated[float, Meta(ge=6, le=1_800)] = 10.0  # Kafka's own bounds.
    # A name that no other worker has: one that restarts within its session keeps its partitions.
    # Empty: none, and a worker that stops gives its partitions away at once.
    group_instance_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{0,200}$")] = ""
    stop_timeout_seconds: IntervalSeconds = 5.0
    revoke_timeout_seconds: IntervalSeconds = 5.0  # For a last snapshot, when a rebalance begins.
    allowed_lateness_seconds: Annotated[float, Meta(ge=0, le=600)] = 3.0  # Beyond: only in sums.
    seen_id_limit: Annotated[int, Meta(ge=1_000, le=100_000_000)] = 1_000_000  # Of a partition.
    duplicate_burst_size: Annotated[int, Meta(ge=2, le=100_000)] = 50
    market_limit: Annotated[int, Meta(ge=1, le=676)] = 60  # Of a stream; the rest is "other".
    stream_limit: Annotated[int, Meta(ge=2, le=100_000)] = 2_000  # Held of a partition.
    stream_label_limit: Annotated[int, Meta(ge=1, le=1_000)] = 20  # Series in /metrics of each.
    max_event_bytes: Annotated[int, Meta(ge=1_024, le=1_000_000)] = 65_536  # Beyond: too_large.
    tier: Literal["model", "fast", "rules"] = "model"  # What scores; fast: on weak machines.
    # For a poll; what the tier cannot score in that time, a lower one does.
    scoring_budget_seconds: Annotated[float, Meta(ge=0.01, le=3_600)] = 1.0
    packs_folder: Path | None = None  # Phrase packs in place of ours, file by file, as en.tsv.
    model: ModelName = ""  # Takes the place of our sentiment: a folder, or a name of the hub's.
    model_labels: Labels = ""  # What its labels mean, as in LABEL_0=negative,LABEL_1=positive.
    model_threads: Annotated[int, Meta(ge=1, le=256)] = 2
    archive: Location = ""  # A folder, or a URL that fsspec knows, as in s3://bucket/folder.
    archive_interval_seconds: IntervalSeconds = 60.0  # Of the log's time, in one file of a stream.
    viewer_key_file: Path | None = None  # None: one is made in the user's state folder.
    viewer_key_retention_days: Annotated[int, Meta(ge=1, le=3_650)] = 90  # After its epoch's end.
    erased_viewers_file: Path | None = None  # Whose words are shown no more; archives drop them.
    board_host: Host = "127.0.0.1"
    board_port: Port = 8080
    alertmanager_url: Url = ""  # Whose alerts the page shows, as in http://127.0.0.1:9093.
    alert_floor_ratio: Ratio = 0.15  # Negative share below which no market pages anybody.
    alert_floor_ratios: MarketRatios = ""  # Of single markets, as in DE=0.2,ID=0.12.
    webhook_host: Host = "127.0.0.1"
    webhook_port: Port = 8090
    webhook_token_file: Path | None = None  # What senders of CloudEvents show; None: loopback only.
    shopify_secret_file: Path | None = None  # What Shopify signs with; None: its path is closed.
    pager_host: Host = "127.0.0.1"
    pager_port: Port = 8095
    pager_token_file: Path | None = None  # What Alertmanager shows; None: loopback only.
    pager_board_url: Url = "http://127.0.0.1:8080"  # Where the pager asks for evidence.
    pager_link_url: Url = ""  # The board as people reach it; empty: the same.
    pager_runbook_url: Url = ""  # Where people read the runbook; empty: its path.
    pager_silence_seconds: IntervalSeconds = 180.0  # Without the watchdog; then somebody is told.
    pager_slack_url_file: Path | None = None
    pager_webhook_url_file: Path | None = None
    pager_pagerduty_key_file: Path | None = None
    pager_pagerduty_url: Url = "https://events.pagerduty.com/v2/enqueue"
    pager_mail_to: Username = ""
    pager_mail_from: Username = "resonance@localhost"
    pager_smtp: Host = "127.0.0.1:25"  # host:port; with a password, by STARTTLS.
    pager_smtp_username: Username = ""
    pager_smtp_password_file: Path | None = None
    worker_metrics_host: Host = "127.0.0.1"
    worker_metrics_port: Port = 0  # 0: none.
    log_format: Literal["console", "json"] = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


FIELDS: Final = {field.name: field.type for field in msgspec.structs.fields(Settings)}
VARIABLES: Final = {PREFIX + name.upper(): name for name in FIELDS}


class SettingsError(UsageError):
    """A setting is unknown or cannot be used; says which, where it was set, what is expected."""


@dataclass(frozen=True, slots=True)
class Found:
    """The settings, and where each value came from: a file and line, a variable, the default."""

    settings: Settings
    sources: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Given:
    name: str
    value: object
    source: str
    is_text: bool = False  # Variables hold text: "4" is a number there, and only there.


def fold_settings(settings: Settings) -> FoldSettings:
    """Return what the fold takes of the settings: live and in a replay the same."""
    return FoldSettings(
        allowed_lateness_ms=round(settings.allowed_lateness_seconds * 1000),
        burst_size=settings.duplicate_burst_size,
        id_limit=settings.seen_id_limit,
        market_limit=settings.market_limit,
        stream_limit=settings.stream_limit,
    )


def load_settings(
    *,
    path: Path | None = None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] = {},
) -> Settings:
    """Return the settings in force. Raises SettingsError, whose message says what to change.

    `path`: a TOML file that must exist; without one RESONANCE_CONFIG names it, else
    `resonance.toml` of the working folder is read if there is one. Of `overrides` a None is none:
    the option was not given.
    """
    return find_settings(path=path, environ=environ, overrides=overrides).settings


def find_settings(
    *,
    path: Path | None = None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] = {},
) -> Found:
    """Return the settings and the source of each; as `load_settings`."""
    values: dict[str, object] = {}
    sources = dict.fromkeys(FIELDS, DEFAULT)
    for given in _in_rising_order(path, environ, overrides):
        values[given.name] = _checked(given)
        sources[given.name] = given.source
    return Found(Settings(**values), sources)  # type: ignore[arg-type]  # Each is checked above.


def _in_rising_order(
    path: Path | None, environ: Mapping[str, str], overrides: Mapping[str, object]
) -> Iterator[_Given]:
    yield from _from_file(path, environ)
    yield from _from_variables(environ)
    for name, value in overrides.items():
        if value is not None:
            yield _Given(name, value, COMMAND_LINE)


def _from_file(path: Path | None, environ: Mapping[str, str]) -> Iterator[_Given]:
    named = path or (Path(environ["RESONANCE_CONFIG"]) if environ.get("RESONANCE_CONFIG") else None)
    file = named or CONFIG_FILE
    if named is None and not file.is_file():
        return
    try:
        text = file.read_text("utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        message = f"cannot read the settings file {file}: {error.strerror}"
        raise SettingsError(message) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{file} is not TOML: {error}"
        raise SettingsError(message) from None
    for key, value in table.items():
        source = f"{file}, line {_line_of(key, text)}"
        if key not in FIELDS:
            message = f"unknown setting `{key}` in {source}.{_nearest(key, FIELDS)}"
            raise SettingsError(message)
        yield _Given(key, value, source)


def _from_variables(environ: Mapping[str, str]) -> Iterator[_Given]:
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable in RESERVED_VARIABLES:
            continue
        if variable not in VARIABLES:
            known = [*VARIABLES, *RESERVED_VARIABLES]
            message = f"unknown variable {variable}.{_nearest(variable, known)}"
            raise SettingsError(message)
        yield _Given(VARIABLES[variable], environ[variable], variable, is_text=True)


def _checked(given: _Given) -> object:
    wanted = FIELDS[given.name]
    try:
        return msgspec.convert(
            given.value, wanted, strict=not given.is_text, dec_hook=_path_from_text
        )
    except msgspec.ValidationError:
        message = (
            f"`{given.name}` ({given.source}) is {given.value!r}, expected {expectation(wanted)}"
        )
        raise SettingsError(message) from None


def _path_from_text(wanted: type, value: object) -> Any:
    if wanted is Path and isinstance(value, str) and value:
        return Path(value).expanduser()
    message = "not a path"
    raise ValueError(message)  # Msgspec makes a ValidationError of it.


def expectation(wanted: Any) -> str:
    """Return what a field takes, in words.

    >>> expectation(Port)
    'a whole number from 0 to 65535'
    """
    kind = msgspec.inspect.type_info(wanted)
    match kind:
        case msgspec.inspect.IntType():
            return f"a whole number from {kind.ge} to {kind.le}"
        case msgspec.inspect.FloatType():
            return f"a number from {kind.ge:g} to {kind.le:g}"
        case msgspec.inspect.LiteralType():
            return "one of " + ", ".join(map(str, kind.values))
        case msgspec.inspect.StrType(pattern=str()):
            return f"text that matches {kind.pattern}"
        case msgspec.inspect.StrType():
            return f"text of {kind.min_length} to {kind.max_length} characters"
    return "the path of a file"


def _line_of(key: str, text: str) -> int:
    """Return the line that sets `key`, counted from 1; of a table, the line that opens it."""
    setting = re.compile(rf"""^\s*\[*\s*["']?{re.escape(key)}["']?\s*[\].=]""", re.MULTILINE)
    found = setting.search(text)
    return text.count("\n", 0, found.end() - 1) + 1 if found else 1


def _nearest(name: str, known: Mapping[str, object] | list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.4)
    return f" Did you mean `{close[0]}`?" if close else " `resonance config show` lists all."

"""Settings: defaults, under `resonance.toml`, under `RESONANCE_…` variables."""

from pathlib import Path

import msgspec


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. A field `x_y` is `x_y` in TOML and `RESONANCE_X_Y` outside."""

    broker: str = "127.0.0.1:9092"  # host:port[,host:port…]
    topic_prefix: str = ""  # Put before every topic's and group's name.
    partitions: int = 4  # Of comments, purchases, stage and events.
    replication_factor: int = 1
    scoring_batch_records: int = 500
    engagement_batch_records: int = 4_000
    snapshot_interval_seconds: float = 5.0
    publish_interval_seconds: float = 1.0  # How often changed windows are written.
    tick_interval_seconds: float = 1.0
    session_timeout_seconds: float = 10.0
    stop_timeout_seconds: float = 5.0
    allowed_lateness_seconds: float = 3.0
    duplicate_burst_size: int = 50
    viewer_key_file: Path | None = None  # None: one is made in the user's state folder.
    board_host: str = "127.0.0.1"
    board_port: int = 8080
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = 0  # 0: none.
    log_format: str = "console"  # console or json.
    log_level: str = "info"

"""`resonance replay --openmetrics` and `--remote-write`: the past as Prometheus would have it."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import typer

from resonance.agents.board.floors import alert_floors
from resonance.agents.settings import Settings


class MetricsTarget(NamedTuple):
    """Where the series go, and what they must agree with there."""

    openmetrics: Path | None
    remote_write: str | None
    label: str
    retention_days: int


def write_metrics(settings: Settings, rows: Mapping[str, bytes], target: MetricsTarget) -> None:
    """Write the series of the rows; raises `UsageError`, with nothing written, where unsafe."""
    from resonance.agents.backfill.alerts import alert_series
    from resonance.agents.backfill.openmetrics import openmetrics, refuse_times, sample_count
    from resonance.agents.backfill.remote_write import write
    from resonance.agents.backfill.series import series_of

    floors = alert_floors(settings)
    series = series_of(rows, floors, target.label)
    if target.label:  # Else they would pass for alerts that did fire.
        series = alert_series(rows, floors, target.label) | series
    now_ms, blocks = time.time_ns() // 1_000_000, target.openmetrics is not None
    refuse_times(series, now_ms, target.retention_days, blocks=blocks)
    if target.openmetrics is not None:
        target.openmetrics.write_bytes(openmetrics(series))
        typer.echo(
            f"{sample_count(series)} samples to {target.openmetrics}. Next: promtool tsdb "
            f"create-blocks-from openmetrics {target.openmetrics} BLOCKS; when its NUM SAMPLES "
            "add up to as many, move BLOCKS/* into Prometheus' data folder",
            err=True,
        )
    if target.remote_write is not None:
        write(target.remote_write, series)
        typer.echo(f"{sample_count(series)} samples to {target.remote_write}", err=True)

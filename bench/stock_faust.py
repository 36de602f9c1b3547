"""The peer: a plain Faust worker as its documentation has it, counting comments one by one.

Called by `run.py`: `stock_faust.py count|table|score BROKER TOPIC RECORDS`. `count` adds to a
variable, `table` to a Faust table (in memory, with its changelog topic), which is how Faust keeps
state. `score` does the work of our scoring hop, with our own functions, the way Faust does it:
one comment, one send.
"""

import json
import os
import sys
import tempfile
from time import perf_counter, process_time

import faust
from faust.types import EventT, StreamT

from resonance.sentiment.score import Scorer
from resonance.streams.codec import Rejection, decode_raw, encode_log
from resonance.streams.events import Place, Versions
from resonance.streams.scoring import ScoringHop

kind, broker, topic_name, records = sys.argv[1:]
TOTAL = int(records)

app = faust.App(
    f"stock-{kind}-{topic_name}",
    broker=f"kafka://{broker}",
    topic_partitions=4,
    topic_replication_factor=1,
    store="memory://",
    web_enabled=False,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_max_poll_records=2_000,
    stream_wait_empty=False,
    datadir=tempfile.mkdtemp(prefix="stock-faust-"),
)
comments = app.topic(
    topic_name, key_type=bytes, value_serializer="raw" if kind == "score" else "json"
)
counts = app.Table("counts", default=int, partitions=4) if kind == "table" else None


scorer = Scorer()
hop = ScoringHop(scorer, bytes(32), Versions(*scorer.versions))
scored = app.topic("stock.events", value_serializer="raw", key_serializer="raw")


@app.agent(comments)
async def count(stream: StreamT[dict[str, object]]) -> None:
    """Take every comment; print the time when all are through, and leave."""
    counted = 0
    began = began_cpu = 0.0
    async for event in stream.events():
        if not counted:
            began, began_cpu = perf_counter(), process_time()
        if kind == "score":
            await score(event)
        elif counts is not None:
            counts[event.value["channel"]] += 1
        counted += 1
        if counted == TOTAL:
            figure = {
                "events": TOTAL,
                "seconds": perf_counter() - began,
                "cpu_seconds": process_time() - began_cpu,
            }
            sys.stdout.write(json.dumps(figure) + "\n")
            sys.stdout.flush()
            os._exit(0)  # Leaving in order takes Faust longer than the measurement.


async def score(event: EventT[bytes]) -> None:
    """Score one comment and send it on, keyed."""
    message = event.message
    comment = decode_raw(event.value)
    if not isinstance(comment, Rejection):
        place = Place(message.topic, message.partition, message.offset)
        await scored.send(key=message.key, value=encode_log(hop.score(comment, place)))


if __name__ == "__main__":
    worker = faust.Worker(app, loglevel="ERROR", quiet=True, redirect_stdouts=False)
    worker.spinner = None
    worker.execute_from_commandline()

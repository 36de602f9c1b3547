"""A real Apache Kafka on loopback: one node, KRaft, started from its jars, without Docker.

with KafkaBroker.running(jars, directory) as broker:
broker.address  # "127.0.0.1:40123", the same after every restart
broker.kill()   # As the kernel would: no goodbye, no flush.
broker.start()
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

CLUSTER_ID: Final = "MkU3OEVBNTcwNTJENDM2Qk"
START_SECONDS: Final = 90.0  # 8 s alone; the limit is for a machine that is busy.
STOP_SECONDS: Final = 30.0
JVM_OPTIONS: Final = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
log.dirs={directory}/data
auto.create.topics.enable=false
num.partitions=4
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.threads=1
message.max.bytes=2097152
"""
OPEN_LISTENERS: Final = """\
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
"""


class KafkaFailedError(Exception):
    """The broker did not start; the message holds the end of its log."""


def default_jars() -> Path:
    """Return where `make` puts Kafka's jars, or what RESONANCE_KAFKA_LIBS says."""
    named = os.environ.get("RESONANCE_KAFKA_LIBS")
    return Path(named) if named else Path(__file__).parents[2] / ".cache/kafka/libs"


def missing_kafka(jars: Path) -> str:
    """Return why Kafka cannot be started here, or "" if it can."""
    if not any(jars.glob("kafka_2.13-*.jar")):
        return f"no Kafka jars in {jars} (`make kafka` fetches them)"
    if shutil.which("java") is None:
        return "no java (Kafka needs 17 or later)"
    return ""


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on; all are held until the last is known."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class KafkaBroker:
    """One node with its data in `directory`; it can be killed and started again at will."""

    listeners = OPEN_LISTENERS
    format_options: tuple[str, ...] = ()

    def __init__(self, jars: Path, directory: Path) -> None:
        port, controller_port = free_ports(2)
        self.address = f"127.0.0.1:{port}"
        self._directory = directory
        self._class_path = f"{jars.resolve()}/*"
        self._properties = directory / "server.properties"
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(parents=True, exist_ok=True)
        self._properties.write_text(
            (PROPERTIES + self.listeners).format(
                port=port, controller_port=controller_port, directory=directory
            )
        )
        self._format()

    @classmethod
    @contextmanager
    def running(cls, jars: Path, directory: Path) -> Iterator["KafkaBroker"]:
        """Yield a broker that takes records; stop it at the end."""
        broker = cls(jars, directory)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def log_path(self) -> Path:
        """What the broker says of itself."""
        return self._directory / "broker.log"

    def client_options(self) -> dict[str, str | int | float | bool]:
        """Return what a client of librdkafka needs to be let in as the administrator."""
        return {"bootstrap.servers": self.address, "log_level": 0}

    def start(self) -> None:
        """Start the process and wait until it answers; nothing happens if it runs already."""
        if self.is_running:
            return
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [*_dying_with_parent(), *self._java("kafka.Kafka")], stdout=log, stderr=log
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Ask it to leave in order, and wait; killed if it takes too long."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill -9: the broker gets no chance to say or to write anything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def pause(self) -> None:
        """Let the process stand still (SIGSTOP): connections stay open, nothing answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused process go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _java(self, main_class: str, *arguments: str) -> list[str]:
        java = ["java", *JVM_OPTIONS, "-cp", self._class_path, main_class]
        return [*java, *arguments, *([] if arguments else [str(self._properties)])]

    def _format(self) -> None:
        settings = ("-t", CLUSTER_ID, "-c", str(self._properties), "--ignore-formatted")
        command = self._java("kafka.tools.StorageTool", "format", *settings, *self.format_options)
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            raise KafkaFailedError(done.stderr.decode(errors="replace")[-2_000:])

    def _wait_until_it_answers(self) -> None:
        client = AdminClient(self.client_options())
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.is_running:
            with suppress(KafkaException):
                if client.list_topics(timeout=1).brokers:
                    return
        tail = self.log_path.read_text(errors="replace")[-2_000:]
        message = f"Kafka does not answer at {self.address}; the end of its log:\n{tail}"
        self.kill()
        raise KafkaFailedError(message)


def _dying_with_parent() -> list[str]:
    """Return a prefix by which a killed test run leaves no broker behind, where Linux has it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []

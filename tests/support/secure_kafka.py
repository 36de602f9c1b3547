"""A Kafka that lets nobody in unasked: TLS, SCRAM, and permissions for every topic and group.

with SecureKafkaBroker.running(jars, directory) as broker:
broker.address           # SASL_SSL, "localhost:…": its certificate is for that name.
broker.settings("board") # Of one who logs in as `board`.
broker.open_address      # A port without TLS and login, to knock at by mistake.
"""

import subprocess
from pathlib import Path
from typing import Any, Final

from resonance.agents.broker.acls import ROLES
from resonance.agents.settings import Settings
from support.kafka import KafkaBroker, free_ports

ADMIN: Final = "root"
# Passwords of one test run's broker on loopback, there to be searched for in what is printed.
PASSWORDS: Final = {
    name: f"sesame-of-{name}" for name in (ADMIN, "stranger", "onlooker", "groupless", *ROLES)
}
LISTENERS: Final = """\
listeners=SASL_SSL://localhost:{{port}},OPEN://127.0.0.1:{open_port},CONTROLLER://127.0.0.1:{{controller_port}}
advertised.listeners=SASL_SSL://localhost:{{port}},OPEN://127.0.0.1:{open_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=SASL_SSL:SASL_SSL,OPEN:PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
sasl.mechanism.controller.protocol=PLAIN
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="{admin}" password="{password}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="{admin}" password="{password}" user_{admin}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={folder}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={folder}/ca.pem
ssl.enabled.protocols=TLSv1.3,TLSv1.2
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{admin}
"""  # noqa: E501 - Java properties, one a line.


class SecureKafkaBroker(KafkaBroker):
    """One node with three doors: for clients, for its own controller, and an open one."""

    def __init__(self, jars: Path, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.folder = directory
        (open_port,) = free_ports(1)
        self.open_address = f"127.0.0.1:{open_port}"
        make_certificates(directory)
        for name, password in PASSWORDS.items():
            self.password_file(name).write_text(f"{password}\n")
        self.listeners = LISTENERS.format(
            open_port=open_port, folder=directory, admin=ADMIN, password=PASSWORDS[ADMIN]
        )
        self.format_options = tuple(
            option
            for name, password in PASSWORDS.items()
            for option in ("--add-scram", f"SCRAM-SHA-512=[name={name},password={password}]")
        )
        super().__init__(jars, directory)
        self.address = self.address.replace("127.0.0.1", "localhost")

    def password_file(self, name: str) -> Path:
        """Return the file that holds a user's password."""
        return self.folder / f"{name}.password"

    def settings(self, user: str, **changes: Any) -> Settings:
        """Return the settings of a user who is known here, apart from the changes."""
        given: dict[str, Any] = {
            "broker": self.address,
            "security_protocol": "SASL_SSL",
            "sasl_username": user,
            "sasl_password_file": self.password_file(user),
            "ssl_ca_file": self.folder / "ca.pem",
            "partitions": 1,
        }
        return Settings(**(given | changes))

    def client_options(self) -> dict[str, str | int | float | bool]:
        """Return what a client of librdkafka needs to be let in as the administrator."""
        return {
            "bootstrap.servers": self.address,
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": ADMIN,
            "sasl.password": PASSWORDS[ADMIN],
            "ssl.ca.location": str(self.folder / "ca.pem"),
            "log_level": 0,
        }


def make_certificates(folder: Path) -> None:
    """Write two authorities, `ca.pem` and `other-ca.pem`, and a broker's key and certificate."""
    for name in ("ca", "other-ca"):
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}"),
            *("-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem"),
        )
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca.key", "-days", "2"),
        *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
        *("-addext", "basicConstraints=critical,CA:FALSE"),
        *("-keyout", f"{folder}/broker.key", "-out", f"{folder}/broker.crt"),
    )
    parts = (folder / "broker.key", folder / "broker.crt")
    (folder / "broker.pem").write_text("".join(part.read_text() for part in parts))


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)

"""A broker with TLS, logins and permissions: who is let in does their work, nobody else gets in."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from resonance.agents.broker.acls import grant
from resonance.agents.broker.refusals import check_link
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings
from resonance.streams import topics
from support.commands import RESONANCE, environment, run
from support.kafka import default_jars, missing_kafka
from support.secure_kafka import ADMIN, PASSWORDS, SecureKafkaBroker
from support.servers import real_servers_required, skip_or_fail

COMMENTS = 60
WAIT_SECONDS = 40.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafkaBroker]:
    """A broker whose topics were made by one with the role `admin`; the roles have theirs."""
    real_servers_required("openssl")
    jars = default_jars()
    if reason := missing_kafka(jars):
        skip_or_fail(reason)
    with SecureKafkaBroker.running(jars, tmp_path_factory.mktemp("secure-kafka")) as running:
        for role in ("admin", "import", "scoring", "engagement", "board"):
            granted = run(
                running.settings(ADMIN),
                *("topics", "acls", "--role", role, "--principal", f"User:{role}"),
            )
            assert granted.returncode == 0, granted.stderr
        made = run(running.settings("admin"), "topics", "create")
        assert made.returncode == 0, made.stderr
        yield running


def chat_table(folder: Path) -> Path:
    path = folder / "chat.csv"
    rows = (f"{1_700_000_000 + n},u{n % 7},love it {n}\n" for n in range(COMMENTS))
    path.write_text("time,user,text\n" + "".join(rows))
    return path


def assert_refused(done: subprocess.CompletedProcess[str], *said: str) -> None:
    """Assert exit 3 with one line that says it all, and no password anywhere."""
    assert done.returncode == 3, done
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("resonance: ")]
    assert all(words in line for words in said), line
    assert "Traceback" not in done.stderr
    printed = done.stdout + done.stderr
    assert not [one for one in PASSWORDS.values() if one in printed]


def test_the_whole_pipeline_runs_with_each_roles_own_permissions_alone(
    broker: SecureKafkaBroker, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        logs: list[Path] = []

        def start(user: str, *arguments: str) -> subprocess.Popen[bytes]:
            logs.append(tmp_path / f"{user}.log")
            log = stack.enter_context(logs[-1].open("wb"))
            settings = broker.settings(user)
            process = subprocess.Popen(
                [RESONANCE, *arguments], env=environment(settings), stdout=log, stderr=log
            )
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            return process

        start("scoring", "worker", "scoring")
        start("engagement", "worker", "engagement")
        sent = run(broker.settings("import"), "import", str(chat_table(tmp_path)), "--to", "kafka")
        assert sent.returncode == 0, sent.stderr
        start("board", "board", "--port", "0")
        counted = wait_for_comments(tmp_path / "board.log")
    said = "".join(log.read_text() for log in logs)
    assert counted == COMMENTS, said
    assert not [one for one in PASSWORDS.values() if one in said]


def wait_for_comments(log: Path) -> int:
    """Return how many comments the board's metrics count in the end."""
    counted, deadline = 0, time.monotonic() + WAIT_SECONDS
    while counted < COMMENTS and time.monotonic() < deadline:
        time.sleep(0.3)
        if url := re.search(r"http://\S+", log.read_text()):
            try:
                with urllib.request.urlopen(f"{url[0]}/metrics", timeout=5) as answer:
                    text = answer.read().decode()
            except urllib.error.URLError:
                continue
            found = re.findall(r"^resonance_comments_total\{.* (\S+)$", text, re.MULTILINE)
            counted = int(sum(map(float, found)))
    return counted


COMMANDS = {
    "worker": ("worker", "all"),
    "board": ("board", "--port", "0"),
    "topics": ("topics", "check"),
    "import": ("import", "chat.csv", "--to", "kafka"),
}
MISTAKES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a wrong password": (
        {"sasl_password_file": "wrong"},
        "refuses the login of root",
        "Correct `sasl_username` and what `sasl_password_file`",
    ),
    "plaintext to TLS": (
        {
            "security_protocol": "PLAINTEXT",
            "sasl_username": "",
            "sasl_password_file": None,
            "ssl_ca_file": None,
        },
        "speaks TLS, and we do not",
        "Set `security_protocol` to SASL_SSL",
    ),
    "TLS to plaintext": ({"broker": "open"}, "speaks no TLS", "Name its TLS port in `broker`"),
    "an unknown authority": (
        {"ssl_ca_file": "other"},
        "is not signed by",
        "Set `ssl_ca_file` to the authority that signed it",
    ),
    "a wrong principal": (
        {"sasl_username": "stranger", "sasl_password_file": "stranger"},
        "User:stranger",
        "resonance topics acls --role",
    ),
    "a wrong topic": ({"topic_prefix": "none."}, "no topic none.", "`resonance topics create`"),
}


def mistaken(broker: SecureKafkaBroker, changes: dict[str, Any]) -> Settings:
    """Return the administrator's settings with the changes; words stand for what a run makes."""
    wrong = broker.folder / "wrong.password"
    wrong.write_text(PASSWORDS["stranger"])
    made = {
        "wrong": wrong,
        "open": broker.open_address,
        "other": broker.folder / "other-ca.pem",
        "stranger": broker.password_file("stranger"),
    }
    files = {"sasl_password_file", "broker", "ssl_ca_file"}
    filled = {k: made.get(v, v) if k in files else v for k, v in changes.items()}
    return broker.settings(ADMIN, **filled)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_one_line_that_names_the_remedy(
    broker: SecureKafkaBroker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mistake: str,
    command: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    chat_table(tmp_path)
    changes, *said = MISTAKES[mistake]
    assert_refused(run(mistaken(broker, changes), *COMMANDS[command]), *said)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sasl_mechanism": "PLAIN"}, "takes no PLAIN. Set `sasl_mechanism` to SCRAM-SHA-256 or"),
        (
            {"security_protocol": "SSL", "sasl_username": "", "sasl_password_file": None},
            "asks for a login. Set `security_protocol` to SASL_SSL",
        ),
    ],
)
def test_a_login_of_the_wrong_kind_is_told_the_right_one(
    broker: SecureKafkaBroker, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ServiceUnreachable, match=re.escape(said)):
        check_link(broker.settings(ADMIN, **changes))


def test_a_certificate_for_another_host_is_refused(broker: SecureKafkaBroker) -> None:
    by_number = broker.address.replace("localhost", "127.0.0.1")
    with pytest.raises(ServiceUnreachable, match="is for another host"):
        check_link(broker.settings(ADMIN, broker=by_number))


def test_an_open_port_takes_no_login(broker: SecureKafkaBroker) -> None:
    settings = broker.settings(
        ADMIN,
        broker=broker.open_address,
        security_protocol="SASL_PLAINTEXT",
        ssl_ca_file=None,
    )
    with pytest.raises(ServiceUnreachable, match=r"takes no login\. .* to PLAINTEXT"):
        check_link(settings)


def test_a_broker_that_is_away_is_left_to_the_client_to_wait_for() -> None:
    check_link(Settings(broker="127.0.0.1:1"))


def test_a_broker_that_stands_still_is_accused_of_nothing(broker: SecureKafkaBroker) -> None:
    broker.pause()
    try:
        check_link(broker.settings(ADMIN))
    finally:
        broker.resume()


def allow(broker: SecureKafkaBroker, user: str, *operations: AclOperation) -> None:
    """Give a user these permissions on every topic, by another client than ours."""
    bindings = [
        AclBinding(
            ResourceType.TOPIC,
            spec.name,
            ResourcePatternType.LITERAL,
            f"User:{user}",
            "*",
            operation,
            AclPermissionType.ALLOW,
        )
        for spec in topics.ALL
        for operation in operations
    ]
    client = AdminClient(broker.client_options())
    for answer in client.create_acls(bindings).values():
        answer.result(10)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("worker", "scoring"), "denies User:onlooker to write to any topic. Grant it: "),
        (("worker", "engagement"), "denies User:onlooker to write to any topic."),
        (("import", "chat.csv", "--to", "kafka"), "denies User:onlooker to write to any topic."),
        (("board", "--port", "0"), "denies User:onlooker to read windows."),
    ],
)
def test_who_may_only_see_the_topics_is_refused_at_work(
    broker: SecureKafkaBroker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    chat_table(tmp_path)
    allow(broker, "onlooker", AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS)
    done = run(broker.settings("onlooker"), *command)
    role = command[1] if command[0] == "worker" else command[0]
    assert_refused(done, said, f"--role {role} --principal User:onlooker`")


def test_a_worker_without_its_group_is_refused(broker: SecureKafkaBroker) -> None:
    allow(broker, "groupless", AclOperation.READ, AclOperation.WRITE, AclOperation.DESCRIBE_CONFIGS)
    done = run(broker.settings("groupless"), "worker", "scoring")
    assert_refused(
        done,
        "denies User:groupless group resonance-scoring. ",
        "--role scoring --principal User:groupless`",
    )


def test_nobody_grants_themselves_a_role(broker: SecureKafkaBroker) -> None:
    settings = broker.settings("board")
    with pytest.raises(ServiceUnreachable, match=r"refuses the permissions.*super.users"):
        grant(settings, "admin", "User:board")

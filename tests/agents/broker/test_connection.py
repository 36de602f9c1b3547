"""The settings of the link, as the clients get them: nothing left out, no password let out."""

import logging
import re
import ssl
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from resonance.agents.broker.connection import librdkafka_options, login_of, python_options
from resonance.agents.broker.embedded import EmbeddedBroker
from resonance.agents.cli.main import app
from resonance.agents.settings import Settings, SettingsError
from support.secure_kafka import make_certificates
from support.servers import real_servers_required

PASSWORD = "open-sesame-7"
LOGIN = {"security_protocol": "SASL_SSL", "sasl_username": "scoring"}
ENVIRON = {"RESONANCE_SASL_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    real_servers_required("openssl")
    folder = tmp_path_factory.mktemp("certificates")
    make_certificates(folder)
    return folder


def test_without_settings_the_clients_get_the_broker_alone() -> None:
    settings = Settings(broker="kafka-1:9092,kafka-2:9092")
    assert python_options(settings, {}) == {
        "bootstrap_servers": ["kafka-1:9092", "kafka-2:9092"],
        "security_protocol": "PLAINTEXT",
    }
    assert librdkafka_options(settings, {}) == {
        "bootstrap.servers": "kafka-1:9092,kafka-2:9092",
        "security.protocol": "plaintext",
    }


def test_chain_and_host_name_are_checked_by_tls_of_1_2_or_later(certificates: Path) -> None:
    settings = Settings(
        security_protocol="SSL",
        ssl_ca_file=certificates / "ca.pem",
        ssl_certificate_file=certificates / "broker.crt",
        ssl_key_file=certificates / "broker.key",
    )
    context = python_options(settings, {})["ssl_context"]
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2

    options = librdkafka_options(settings, {})
    assert options["ssl.endpoint.identification.algorithm"] == "https"
    assert options["ssl.ca.location"] == str(certificates / "ca.pem")
    assert options["ssl.key.location"] == str(certificates / "broker.key")


def test_the_login_is_the_same_for_every_client(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    settings = Settings(**LOGIN, sasl_password_file=file)
    options = python_options(settings, {"RESONANCE_SASL_PASSWORD": "of-the-variable"})
    assert options["sasl_plain_password"] == PASSWORD  # The file's comes first.
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert librdkafka_options(Settings(**LOGIN), ENVIRON)["sasl.password"] == PASSWORD


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"security_protocol": "SASL_SSL"}, "`sasl_username` is empty. Set it"),
    ({"sasl_username": "a"}, "PLAINTEXT does not use it. Set SASL_SSL"),
    ({"sasl_password_file": Path("a")}, "PLAINTEXT does not use it. Set SASL_SSL"),
    ({"ssl_ca_file": Path("a")}, "PLAINTEXT does not use it. Set SSL or SASL_SSL"),
    ({"security_protocol": "SSL", "ssl_key_file": Path("a")}, "without `ssl_certificate_file`"),
    (
        {"security_protocol": "SASL_PLAINTEXT", "sasl_username": "a", "broker": "kafka:9092"},
        "would send the login to kafka in the clear. Set SASL_SSL",
    ),
    (LOGIN, "scoring has no password. Set `sasl_password_file`"),
    (
        LOGIN | {"sasl_password_file": Path("gone")},
        "cannot read `sasl_password_file` gone: No such",
    ),
    ({"security_protocol": "SSL", "ssl_ca_file": Path("gone")}, "cannot read `ssl_ca_file` gone"),
]


@pytest.mark.parametrize(("given", "said"), CONTRADICTIONS)
@pytest.mark.parametrize("options", [python_options, librdkafka_options])
def test_settings_that_contradict_each_other_are_refused(
    given: dict[str, Any], said: str, options: Any
) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        options(Settings(**given), {})


def test_this_machine_itself_may_be_reached_without_encryption() -> None:
    settings = Settings(security_protocol="SASL_PLAINTEXT", sasl_username="a")
    assert python_options(settings, ENVIRON)["sasl_plain_username"] == "a"


@pytest.mark.parametrize("setting", ["ssl_ca_file", "ssl_certificate_file"])
def test_a_file_that_is_no_certificate_is_refused_by_its_setting(
    tmp_path: Path, setting: str
) -> None:
    file = tmp_path / "no.pem"
    file.write_text("no certificate\n")
    wanted = {"ssl_certificate_file": "ssl_key_file"}.get(setting, setting)
    with pytest.raises(SettingsError, match=f"`{wanted}` .*no.pem is no usable PEM file"):
        python_options(Settings(security_protocol="SSL", **{setting: file}), {})


@pytest.mark.parametrize("content", [PASSWORD.encode() + b"\xff", PASSWORD.encode() * 1_000])
def test_a_password_file_that_cannot_be_one_is_refused_without_showing_it(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="`sasl_password_file`") as refused:
        login_of(Settings(**LOGIN, sasl_password_file=file), {})
    assert PASSWORD not in str(refused.value)
    assert refused.value.__cause__ is None


def test_the_password_is_in_nothing_that_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    for name, value in (LOGIN | {"sasl_password_file": file}).items():
        monkeypatch.setenv(f"RESONANCE_{name.upper()}", str(value))
    monkeypatch.setenv("RESONANCE_SASL_PASSWORD", PASSWORD)
    caplog.set_level(logging.DEBUG)
    for arguments in (["config", "show"], ["config", "show", "--json"]):
        shown = CliRunner().invoke(app, arguments)
        assert shown.exit_code == 0
        assert "sasl_password_file" in shown.output
        assert PASSWORD not in shown.output
    settings = Settings(**LOGIN, sasl_password_file=file)
    assert PASSWORD not in repr(login_of(settings)) + repr(settings) + caplog.text


def test_a_password_in_the_file_of_settings_is_refused_without_showing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("resonance.toml").write_text(f'sasl_password = "{PASSWORD}"\n')
    refused = CliRunner().invoke(app, ["config", "show"])
    assert isinstance(refused.exception, SettingsError)
    assert "Did you mean `sasl_password_file`?" in str(refused.exception)
    assert PASSWORD not in str(refused.exception) + refused.output


def test_the_embedded_broker_is_reached_as_it_is_whatever_is_set_for_the_real_one() -> None:
    with EmbeddedBroker() as embedded:
        settings = embedded.settings(Settings(**LOGIN, sasl_password_file=Path("gone")))
    assert python_options(settings, {})["security_protocol"] == "PLAINTEXT"

"""The link to the broker: the settings, as each Kafka client's own options.

Every client of ours is made with these, so that none can leave out the encryption or the login.
"""

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from resonance.agents.loopback import is_loopback
from resonance.agents.settings import Settings, SettingsError

PASSWORD_VARIABLE: Final = "RESONANCE_SASL_PASSWORD"  # noqa: S105 - the name, not the password.
MAX_PASSWORD_BYTES: Final = 4_096


@dataclass(frozen=True, slots=True)
class Login:
    """Who we are to the broker; printing it does not show the password."""

    mechanism: str
    username: str
    password: str = field(repr=False)


def uses_tls(settings: Settings) -> bool:
    """Return whether the link is encrypted."""
    return settings.security_protocol in {"SSL", "SASL_SSL"}


def uses_login(settings: Settings) -> bool:
    """Return whether we log in with a name and a password."""
    return settings.security_protocol in {"SASL_PLAINTEXT", "SASL_SSL"}


def addresses(settings: Settings) -> list[tuple[str, int]]:
    """Return the brokers' hosts and ports.

    >>> addresses(Settings(broker="kafka-1:9092,[::1]:9093"))
    [('kafka-1', 9092), ('::1', 9093)]
    """
    pairs = (one.rpartition(":") for one in settings.broker.split(","))
    return [(host.strip("[]"), int(port)) for host, _, port in pairs]


def python_options(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the options of aiokafka's and kafka-python's clients, which name them alike.

    Raises SettingsError when the settings contradict each other or a file cannot be used.
    """
    refuse_contradictions(settings)
    options: dict[str, Any] = {
        "bootstrap_servers": settings.broker.split(","),
        "security_protocol": settings.security_protocol,
    }
    if uses_tls(settings):
        options["ssl_context"] = ssl_context(settings)
    if uses_login(settings):
        login = login_of(settings, environ)
        options |= {
            "sasl_mechanism": login.mechanism,
            "sasl_plain_username": login.username,
            "sasl_plain_password": login.password,
        }
    return options


def librdkafka_options(
    settings: Settings, environ: Mapping[str, str] = os.environ
) -> dict[str, str | int | bool]:
    """Return the options of confluent-kafka's clients. Raises SettingsError as the other."""
    refuse_contradictions(settings)
    options: dict[str, str | int | bool] = {
        "bootstrap.servers": settings.broker,
        "security.protocol": settings.security_protocol.lower(),
    }
    if uses_tls(settings):
        ssl_context(settings)  # For its errors: librdkafka's do not say which setting is wrong.
        files = {
            "ssl.ca.location": settings.ssl_ca_file,
            "ssl.certificate.location": settings.ssl_certificate_file,
            "ssl.key.location": settings.ssl_key_file or settings.ssl_certificate_file,
        }
        options["ssl.endpoint.identification.algorithm"] = "https"  # Checks the host's name.
        options |= {name: str(path) for name, path in files.items() if path is not None}
    if uses_login(settings):
        login = login_of(settings, environ)
        options |= {
            "sasl.mechanism": login.mechanism,
            "sasl.username": login.username,
            "sasl.password": login.password,
        }
    return options


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """Return a context of TLS 1.2 or later that checks the chain and the host's name.

    Raises SettingsError naming the setting whose file cannot be used.
    """
    with _file_of("ssl_ca_file", settings.ssl_ca_file):
        context = ssl.create_default_context(cafile=settings.ssl_ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.ssl_certificate_file is not None:
        with _file_of("ssl_certificate_file", settings.ssl_certificate_file):
            settings.ssl_certificate_file.read_bytes()
        with _file_of("ssl_key_file", settings.ssl_key_file or settings.ssl_certificate_file):
            # A key under a pass phrase is refused: else OpenSSL would ask at the terminal.
            context.load_cert_chain(
                settings.ssl_certificate_file, settings.ssl_key_file, password=""
            )
    return context


def login_of(settings: Settings, environ: Mapping[str, str] = os.environ) -> Login:
    """Return our name and password; the file's comes before the variable's.

    Raises SettingsError, which never holds the password, when there is none.
    """
    if settings.sasl_password_file is not None:
        password = _read_password(settings.sasl_password_file)
    else:
        password = environ.get(PASSWORD_VARIABLE, "")
    if not password:
        message = (
            f"{settings.sasl_username} has no password. Set `sasl_password_file` to a file that "
            f"holds it, or {PASSWORD_VARIABLE}"
        )
        raise SettingsError(message)
    return Login(settings.sasl_mechanism, settings.sasl_username, password)


def refuse_contradictions(settings: Settings) -> None:
    """Raise SettingsError when a setting would be without effect, or a password in the clear."""
    protocol = settings.security_protocol
    logs_in, encrypts = uses_login(settings), uses_tls(settings)
    if logs_in and not settings.sasl_username:
        _refuse(f"`security_protocol` is {protocol}, but `sasl_username` is empty. Set it")
    if not logs_in and (settings.sasl_username or settings.sasl_password_file):
        _refuse(
            f"there is a login (`sasl_username` or `sasl_password_file`), but `security_protocol` "
            f"{protocol} does not use it. Set SASL_SSL"
        )
    if not encrypts and (settings.ssl_ca_file or settings.ssl_certificate_file):
        _refuse(
            f"there is a certificate (`ssl_ca_file` or `ssl_certificate_file`), but "
            f"`security_protocol` {protocol} does not use it. Set SSL or SASL_SSL"
        )
    if settings.ssl_key_file and not settings.ssl_certificate_file:
        _refuse("`ssl_key_file` is set without `ssl_certificate_file`. Set both")
    if logs_in and not encrypts:
        for host, _ in addresses(settings):
            if not is_loopback(host):
                _refuse(f"SASL_PLAINTEXT would send the login to {host} in the clear. Set SASL_SSL")


def _read_password(path: Path) -> str:
    with _file_of("sasl_password_file", path), path.open("rb") as file:
        password = file.read(MAX_PASSWORD_BYTES + 1)
    if len(password) > MAX_PASSWORD_BYTES:
        _refuse(f"`sasl_password_file` {path} has more than {MAX_PASSWORD_BYTES} bytes")
    try:
        return password.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        message = f"`sasl_password_file` {path} is not UTF-8"
        raise SettingsError(message) from None  # Its cause would show a byte of the password.


@contextmanager
def _file_of(setting: str, path: Path | None) -> Iterator[None]:
    """Make of a file that cannot be used an error that names its setting."""
    try:
        yield
    except ssl.SSLError as error:
        message = f"`{setting}` {path} is no usable PEM file ({error.reason or 'nothing in it'})"
        raise SettingsError(message) from None
    except OSError as error:
        message = f"cannot read `{setting}` {path}: {error.strerror}"
        raise SettingsError(message) from None


def _refuse(message: str) -> NoReturn:
    raise SettingsError(message)

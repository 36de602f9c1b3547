"""Why a broker does not let us in, in one line that names the remedy.

The clients say little of it: a port that speaks another protocol is to them a broker that is
away, and they try again for ever. So the link is tried once, before the first client is made.
"""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import (
    IllegalSaslStateError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)
from aiokafka.protocol.metadata import MetadataRequest

from resonance.agents.broker.connection import addresses, python_options, uses_login, uses_tls
from resonance.agents.errors import ServiceUnreachable
from resonance.agents.settings import Settings

CHECK_SECONDS: Final = 4.0
CLOSE_SECONDS: Final = 0.1
MECHANISMS: Final = frozenset({"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"})
# TOPIC_, GROUP_, CLUSTER_ and TRANSACTIONAL_ID_AUTHORIZATION_FAILED, by Kafka's own numbers.
DENIALS: Final = frozenset({29, 30, 31, 53})
# X509_V_ERR_HOSTNAME_MISMATCH and …_IP_ADDRESS_MISMATCH.
NAME_MISMATCHES: Final = frozenset({62, 64})
CERT_HAS_EXPIRED: Final = 10


def check_link(settings: Settings) -> None:
    """Raise `ServiceUnreachable` for what no waiting mends: TLS, certificates, the login.

    A broker that does not answer is left to the client that is made next: it may yet come.
    Raises SettingsError when the settings contradict each other. Takes four seconds at most.
    """
    # In a thread: whoever calls may have an event loop, or none.
    with ThreadPoolExecutor(1) as thread:
        fault = thread.submit(asyncio.run, _fault(settings)).result()
    if fault:
        raise ServiceUnreachable(fault)


def is_denial(error: BaseException) -> bool:
    """Return whether an error of aiokafka or kafka-python says that we lack a permission."""
    return getattr(error, "errno", None) in DENIALS


def in_words(denial: BaseException) -> str:
    """Return what was denied: the kind of thing, and its name where the error holds it."""
    kind = type(denial).__name__.partition("Authorization")[0].lower()
    if kind == "cluster":
        return "to write to any topic"  # Asked for by a producer's start, which names none.
    named = denial.args[0] if denial.args else ""
    names = sorted(map(str, named)) if isinstance(named, (set, frozenset, list)) else [str(named)]
    return f"{kind} {', '.join(names)}".rstrip()


def denied(settings: Settings, what: str, *roles: str) -> ServiceUnreachable:
    """Return the error of a permission that the roles need and our principal does not have."""
    principal = principal_of(settings)
    commands = (f"`resonance topics acls --role {role} --principal {principal}`" for role in roles)
    message = f"{settings.broker} denies {principal} {what}. Grant it: " + " and ".join(commands)
    return ServiceUnreachable(message)


def missing(settings: Settings, topic: str, role: str) -> ServiceUnreachable:
    """Return the error of a topic that is not there, or that we may not see."""
    message = f"no topic {topic} on {settings.broker}. Create it: `resonance topics create`"
    if uses_tls(settings) or uses_login(settings):
        principal = principal_of(settings)
        message += (
            f"; or {principal} may not see it: "
            f"`resonance topics acls --role {role} --principal {principal}`"
        )
    return ServiceUnreachable(message)


def principal_of(settings: Settings) -> str:
    """Return who we are to the broker, as its ACLs write it."""
    if uses_login(settings):
        return f"User:{settings.sasl_username}"
    return "User:CN=…" if settings.ssl_certificate_file else "User:ANONYMOUS"


async def _fault(settings: Settings) -> str:
    """Return what is wrong with the link, or "" if nothing is, or nothing can be said in time."""
    options = python_options(settings)
    options.pop("bootstrap_servers")
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            for host, port in addresses(settings):
                try:
                    await _greet(AIOKafkaConnection(host, port, **options))
                except (KafkaError, OSError) as error:
                    if fault := await _explained(settings, host, port, error):
                        return fault
                else:
                    break  # The first broker that answers decides.
    except TimeoutError:
        pass
    return ""


async def _explained(settings: Settings, host: str, port: int, error: Exception) -> str:
    """Return what an error of the first greeting means, or "" for a broker that is away."""
    place = f"{host}:{port}"
    match error:
        case ssl.SSLCertVerificationError():
            return _certificate_fault(settings, place, error)
        case SaslAuthenticationFailed():
            return (
                f"{place} refuses the login of {settings.sasl_username} "
                f"({settings.sasl_mechanism}): wrong name, password or mechanism. Correct "
                "`sasl_username` and what `sasl_password_file` or RESONANCE_SASL_PASSWORD holds"
            )
        case UnsupportedSaslMechanismError():
            others = " or ".join(sorted(MECHANISMS - {settings.sasl_mechanism}))
            return f"{place} takes no {settings.sasl_mechanism}. Set `sasl_mechanism` to {others}"
        case IllegalSaslStateError():
            bare = "SSL" if uses_tls(settings) else "PLAINTEXT"
            return f"{place} takes no login. Set `security_protocol` to {bare}, without a username"
    return await _protocol_fault(settings, host, port, error)


async def _greet(connection: AIOKafkaConnection) -> None:
    try:
        await connection.connect()
        await connection.send(MetadataRequest([]))
    finally:
        # Told so only when there was a connection at all: hence not for long.
        await asyncio.wait({connection.close()}, timeout=CLOSE_SECONDS)


def _certificate_fault(settings: Settings, place: str, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code in NAME_MISMATCHES:
        return (
            f"the certificate of {place} is for another host ({error.verify_message}). "
            "Name the host in `broker` as its certificate does"
        )
    if error.verify_code == CERT_HAS_EXPIRED:
        return f"the certificate of {place} has expired. Renew it on the broker"
    trusted = settings.ssl_ca_file or "this machine's authorities"
    return (
        f"the certificate of {place} is not signed by {trusted} ({error.verify_message}). "
        "Set `ssl_ca_file` to the authority that signed it"
    )


async def _protocol_fault(settings: Settings, host: str, port: int, error: Exception) -> str:
    """Return how the port speaks otherwise than we do, or "" if nothing can be said of it."""
    place = f"{host}:{port}"
    if not await _answers(host, port):
        return ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # Only asked whether it speaks TLS; nothing is told it.
    speaks_tls = await _answers(host, port, context)
    if speaks_tls and not uses_tls(settings):
        encrypted = "SASL_SSL" if uses_login(settings) else "SASL_SSL or SSL"
        return f"{place} speaks TLS, and we do not. Set `security_protocol` to {encrypted}"
    if uses_tls(settings) and not speaks_tls:
        bare = "SASL_PLAINTEXT" if uses_login(settings) else "PLAINTEXT"
        return (
            f"{place} speaks no TLS, but `security_protocol` is {settings.security_protocol}. "
            f"Name its TLS port in `broker`; only on this machine set {bare}"
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"{place} ends the TLS connection ({error.reason}). If it asks for a certificate, "
            "set `ssl_certificate_file` and `ssl_key_file`"
        )
    if not uses_login(settings):
        return (
            f"{place} closes the connection before it answers: it asks for a login. "
            f"Set `security_protocol` to {'SASL_SSL' if uses_tls(settings) else 'SASL_PLAINTEXT'}, "
            "`sasl_username` and `sasl_password_file`"
        )
    return ""


async def _answers(host: str, port: int, context: ssl.SSLContext | None = None) -> bool:
    """Return whether somebody listens; with a context, whether by TLS."""
    try:
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    except OSError:
        return False
    writer.close()
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await writer.wait_closed()
    return True

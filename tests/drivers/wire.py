"""A loopback listener that shows what a driver sends before it is logged in.

Knows the first messages of the Postgres protocol; knows no driver, speaks TLS only with a certificate given to it, and
lets nobody in.
"""

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
ASK_CLEARTEXT_PASSWORD = b"R" + struct.pack("!II", 8, 3)
MECHANISMS = b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"
ASK_SASL = b"R" + struct.pack("!II", 8 + len(MECHANISMS), 10) + MECHANISMS  # with and without channel binding
REFUSED = b"SFATAL\0VFATAL\0C28000\0Mrefused\0\0"
REFUSE = b"E" + struct.pack("!I", 4 + len(REFUSED)) + REFUSED


@dataclass
class Sent:
    """What one client sent over all its attempts (of its password, only that it did), and the error it ended with."""

    kinds: list[str] = field(default_factory=list)
    startup: dict[str, str] = field(default_factory=dict)
    hello: bytes = b""
    error: str = ""
    sni: str = ""
    mechanism: str = ""


def talk(
    connect: Callable[[int], object], *, tls: bytes | ssl.SSLContext = b"N", ask: bytes = ASK_CLEARTEXT_PASSWORD
) -> Sent:
    """Run ``connect(port)`` against the listener, which answers a TLS request with `tls` (``N`` no, ``S`` yes).

    A client that starts up is asked with `ask` (for its password in the clear, or to choose a SASL mechanism), then
    refused. With ``S`` the client's first TLS record is kept and the connection closed. With a context the listener
    goes on inside TLS: the handshake is the kind ``TLS``, the host name asked for is `sni`.
    """
    sent = Sent()
    if isinstance(tls, ssl.SSLContext):
        tls.sni_callback = lambda _socket, name, _context: setattr(sent, "sni", name or "")
    with _listening(sent, tls, ask) as port:
        try:
            connect(port)
        except Exception as error:  # every driver has its own exception tree
            sent.error = f"{type(error).__name__}: {error}"
        else:
            raise AssertionError("the listener logs nobody in")
    return sent


@contextmanager
def _listening(sent: Sent, tls: bytes | ssl.SSLContext, ask: bytes) -> Iterator[int]:
    sockets = [socket.create_server(("127.0.0.1", 0))]
    sockets[0].settimeout(0.1)  # closing wakes accept() on Linux only
    thread = Thread(target=_serve, args=(sockets, sent, tls, ask), daemon=True)
    thread.start()
    try:
        yield sockets[0].getsockname()[1]
    finally:
        for opened in tuple(sockets):  # also a client that its driver has not closed yet
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            opened.close()
        thread.join(timeout=10)


def _serve(sockets: list[socket.socket], sent: Sent, tls: bytes | ssl.SSLContext, ask: bytes) -> None:
    while sockets[0].fileno() >= 0:
        with suppress(OSError, EOFError):
            client, _ = sockets[0].accept()
            sockets.append(client)
            with client:
                _answer(client, sent, tls, ask)


def _answer(client: socket.socket, sent: Sent, tls: bytes | ssl.SSLContext, ask: bytes) -> None:
    while (head := _read(client, 8))[0] != 0x16:
        length, code = struct.unpack("!II", head)
        if code == SSL_REQUEST:
            sent.kinds.append("SSLRequest")
            if isinstance(tls, ssl.SSLContext):
                client.sendall(b"S")
                with tls.wrap_socket(client, server_side=True) as inside:
                    sent.kinds.append("TLS")
                    _answer(inside, sent, b"N", ask)
                return
            client.sendall(tls)
        elif code == GSS_REQUEST:
            client.sendall(b"N")
        else:
            _start(client, sent, _read(client, length - 8), ask)
            return
    sent.kinds.append("ClientHello")
    sent.hello = head + client.recv(4096)


def _start(client: socket.socket, sent: Sent, body: bytes, ask: bytes) -> None:
    words = [word.decode() for word in body.split(b"\0") if word]
    sent.kinds.append("StartupMessage")
    sent.startup = dict(zip(words[::2], words[1::2], strict=True))
    client.sendall(ask)
    if _read(client, 1) == b"p":
        sent.kinds.append("PasswordMessage")
        if ask == ASK_SASL:
            _read(client, 4)
            sent.mechanism = client.recv(4096).partition(b"\0")[0].decode()
        client.sendall(REFUSE)


def _read(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = client.recv(size - len(data))
        if not chunk:
            raise EOFError
        data += chunk
    return data


@contextmanager
def closed_port() -> Iterator[int]:
    """A loopback port that refuses connections for as long as the context lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]

"""Between a driver and its PostgreSQL cluster: passes everything on, and breaks what it is told to, once."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.cloud.contract.faults import Fault

STARTUP = {
    Fault.FAILS: (b"57P03", b"the database system is starting up"),
    Fault.THROTTLED: (b"53300", b"sorry, too many clients already"),
    Fault.REFUSED: (b"28P01", b"password authentication failed for user"),
}
"""What the server would say to who signs in: SQLSTATE and words."""
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104


class Proxy:
    """fault: what happens to the next connection (or, for LOST, to the next one that runs `statement`)."""

    def __init__(self, address: str) -> None:
        parts = conninfo_to_dict(address)
        self.server = (str(parts["host"]), int(str(parts["port"])))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = make_conninfo(address, host="127.0.0.1", port=self.listener.getsockname()[1])
        self.fault: Fault | None = None
        self.statement = b""

    def serve(self) -> None:
        """Until the listener is closed."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._meet, args=(client,), daemon=True).start()

    def _meet(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            fault = self.fault
            if fault in {*STARTUP, Fault.DOWN, Fault.GARBLED}:
                self.fault = None
                self._refuse(client, fault)
                return
            with socket.create_connection(self.server) as server:
                self._pass_on(client, server)

    def _refuse(self, client: socket.socket, fault: Fault) -> None:
        if fault is Fault.DOWN:
            return
        while True:  # a client may ask for encryption first
            length, code = struct.unpack("!II", client.recv(8))
            client.recv(length - 8)
            if code not in {SSL_REQUEST, GSS_REQUEST}:
                break
            client.sendall(b"N")
        if fault is Fault.GARBLED:
            client.sendall(b"nonsense" * 4)
            return
        state, words = STARTUP[fault]
        body = b"SFATAL\0C" + state + b"\0M" + words + b"\0\0"
        client.sendall(b"E" + struct.pack("!I", len(body) + 4) + body)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        back = threading.Thread(target=self._answers, args=(server, client), daemon=True)
        back.start()
        while data := client.recv(65_536):
            if self.fault is Fault.LOST and self.statement in data:
                self.fault = None
                self.cut = True
                client.shutdown(socket.SHUT_RD)
                back_data = threading.Event()
                self.waiter = back_data
                server.sendall(data)
                back_data.wait(10)
                client.shutdown(socket.SHUT_WR)
                break
            server.sendall(data)

    cut = False
    waiter: threading.Event | None = None

    def _answers(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65_536):
                if self.cut:  # the statement took effect; nobody hears of it
                    self.cut = False
                    if self.waiter is not None:
                        self.waiter.set()
                    return
                client.sendall(data)


@contextlib.contextmanager
def running(address: str) -> Iterator[Proxy]:
    """The proxy, listening."""
    proxy = Proxy(address)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()
        thread.join(5)

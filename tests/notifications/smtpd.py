"""A plain mail server on the loopback (RFC 5321): takes mails, or refuses as it is told."""

import contextlib
import email
import email.policy
import socket
import threading
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

Refuse = Callable[[str, str], str | None]
"""(verb, argument) -> an answer instead of the usual one; '' hangs up."""


USUAL = {"AUTH": "235 ok", "EHLO": "250-test\r\n250 AUTH PLAIN", "QUIT": "221 bye"}


class MailServer:
    """Use as a context manager; `url` to reach it, `mails` taken so far as (sender, receiver, message)."""

    def __init__(self, refuse: Refuse = lambda _verb, _argument: None) -> None:
        self.refuse = refuse
        self.mails: list[tuple[str, str, EmailMessage]] = []
        self.verbs: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "MailServer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept()
        self.socket.close()
        self.thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(ConnectionError), connection, connection.makefile("rb") as lines:
            said: dict[str, str] = {}
            self._say(connection, "220 test")
            for line in lines:
                verb, _, argument = line.decode("latin-1").strip().partition(" ")
                if not self._answer(connection, lines, verb.upper(), argument, said):
                    return

    def _answer(self, connection: Any, lines: Any, verb: str, argument: str, said: dict[str, str]) -> bool:
        self.verbs.append(verb)
        said[verb] = argument
        instead = self.refuse(verb, argument)
        if instead is not None:
            if instead:
                self._say(connection, instead)
            return bool(instead)
        if verb == "DATA":
            return self._take(connection, lines, said)
        self._say(connection, USUAL.get(verb, "250 ok"))
        return verb != "QUIT"

    def _take(self, connection: Any, lines: Any, said: dict[str, str]) -> bool:
        self._say(connection, "354 go on")
        text = b""
        while (line := lines.readline()) not in {b".\r\n", b""}:
            text += line.removeprefix(b".") if line.startswith(b"..") else line
        instead = self.refuse("END", "")
        if instead == "":
            return False
        sender, receiver = (said[verb].split("<")[1].split(">")[0] for verb in ("MAIL", "RCPT"))
        if instead is None:
            message = email.message_from_bytes(text, policy=email.policy.default)
            self.mails.append((sender, receiver, message))
        self._say(connection, instead or "250 taken")
        return True

    @staticmethod
    def _say(connection: socket.socket, words: str) -> None:
        connection.sendall(f"{words}\r\n".encode())

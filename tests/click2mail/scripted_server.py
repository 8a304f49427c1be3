"""
A server on a real local socket that does what a script says, and remembers every byte that it was sent.

A script is called once a connection. It waits for what the client does, never for time to pass.
"""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

CREATED = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><job><id>13331417</id><status>0</status>'
    b"<description>Created</description>"
    b"<statusUrl>https://stage-rest.click2mail.com/molpro/jobs/13331417</statusUrl></job>"
)


def http_reply(body: bytes, status: str = "201 Created", *headers: str) -> bytes:
    """A whole reply with its length."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/xml", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Connection:
    """One connection as the server sees it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    received: bytearray = field(default_factory=bytearray)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    ending: str = ""

    async def request(self) -> tuple[bytes, bytes]:
        """The next request: its head and its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await self.reader.readexactly(int(length[1])) if length else b""
        self.received += head + body
        return head, body

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self, reply: bytes) -> None:
        """Take one request and answer it."""
        await self.request()
        await self.send(reply)

    async def drip(self) -> None:
        """Wait for a moment, as slow servers do."""
        await asyncio.sleep(0.02)

    def reset(self) -> None:
        """Close with RST."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def wait_for_ending(self) -> str:
        """``eof`` or ``reset``: how the client ended the connection; whatever it still sends is remembered."""
        try:
            while data := await self.reader.read(65536):
                self.received += data
            return "eof"
        except ConnectionError:
            return "reset"


Script = Callable[[Connection], Awaitable[None]]


async def reading_late(connection: Connection) -> None:
    """Reads nothing until the connection's gate is opened."""
    connection.writer.transport.pause_reading()
    await connection.gate.wait()
    connection.writer.transport.resume_reading()


class ScriptedServer:
    """Runs the script for each connection, then waits for the client to end it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._tasks: list[asyncio.Task[None]] = []
        self.connections: list[Connection] = []

    @classmethod
    async def start(
        cls, script: Script, tls: ssl.SSLContext | None = None, buffer_bytes: int | None = None
    ) -> "ScriptedServer":
        server = cls(script)
        listening = socket.socket()
        if buffer_bytes is not None:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        listening.bind(("127.0.0.1", 0))
        server._listener = await asyncio.start_server(server._accept, sock=listening, ssl=tls)
        host, port = listening.getsockname()
        server.host = f"{host}:{port}"
        server.base_url = f"{'https' if tls else 'http'}://{server.host}/molpro"
        return server

    @property
    def received(self) -> list[bytes]:
        return [bytes(connection.received) for connection in self.connections]

    async def endings(self) -> list[str]:
        """How each connection ended; waits for all of them."""
        async with asyncio.timeout(60):
            await asyncio.gather(*self._tasks)
        return [connection.ending for connection in self.connections]

    async def stop(self) -> None:
        self._listener.close()
        for connection in self.connections:
            connection.writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        self.connections.append(connection)
        self._tasks.append(asyncio.current_task())
        try:
            await self._script(connection)
            connection.ending = await connection.wait_for_ending()
        except asyncio.IncompleteReadError:
            connection.ending = "eof"
        except ConnectionError:
            connection.ending = "reset"
        except asyncio.CancelledError:
            connection.ending = "stopped"
        finally:
            writer.close()

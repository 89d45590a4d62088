"""The server of `serve`: textual-serve's, with a page of our own, a limit, and sessions that end with their page."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import WSMessage, WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from tui_linreg.explain import PROGRAM

MOST_CELLS = (500, 200)
"""Columns and lines of a browser's terminal; what is beyond stays empty."""
_SECONDS_FOR_A_PLACE = 3.0
"""How long a page waits where all places are taken: the one that is loaded anew leaves its own within a second."""
_NO_OTHER_SITE = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
    "img-src 'self' data:; connect-src 'self' ws://{host} wss://{host}; frame-ancestors 'none'; base-uri 'none'"
)


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches a host, named or by its address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Session(AppService):
    """The process behind one page; when it ends, so does the page's connection."""

    async def run(self) -> None:
        await super().run()
        await self.remote_close()


class WebServer(Server):
    """Serves the app.

    Args:
        command: starts the app, in the system's shell.
        host: the address to listen at.
        port: the port.
        most: how many sessions there may be at a time.
        lines: what to print once the server is ready.
    """

    def __init__(self, command: str, host: str, port: int, most: int, lines: Sequence[str]) -> None:
        super().__init__(command, host, port, title=PROGRAM, templates_path=Path(__file__).with_name("pages"))
        self._most = most
        self._lines = lines
        self._tasks: set[asyncio.Task[object]] = set()

    def initialize_logging(self) -> None:
        """Print what goes wrong, a line each, and nothing of what goes well."""
        logging.basicConfig(level=logging.WARNING, format=f"{PROGRAM}: %(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        for line in self._lines:
            print(line, flush=True)

    async def on_shutdown(self, app: web.Application) -> None:
        """End all sessions."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Give the page, or one that says that all places are taken."""
        self._need_own_name(request)
        if await self._has_place():
            response: web.StreamResponse = await super().handle_index(request)
        else:
            response = aiohttp_jinja2.render_template("full.html", request, {"most": self._most}, status=503)
        response.headers["Content-Security-Policy"] = _NO_OTHER_SITE.format(host=request.host)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for a page until one of them ends."""
        self._need_own_name(request)
        # A page of any site may ask a browser for this connection; the browser says which one it is.
        if urlsplit(request.headers.get("Origin", "")).netloc != request.host:
            raise web.HTTPForbidden(text="this page is of another site")
        if not await self._has_place():
            raise web.HTTPServiceUnavailable(text="all places are taken")
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            return await self._connect(request)
        finally:
            self._tasks.discard(task)

    def _need_own_name(self, request: web.Request) -> None:
        """Refuse a foreign name that was made to lead to this machine: its site could then use what is served here."""
        if is_loopback(self.host) and not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
            raise web.HTTPForbidden(text=f"this server is for this machine only: http://{self.host}:{self.port}/")

    async def _has_place(self) -> bool:
        end = asyncio.get_running_loop().time() + _SECONDS_FOR_A_PLACE
        while len(self._tasks) >= self._most and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.05)
        return len(self._tasks) < self._most

    async def _connect(self, request: web.Request) -> web.WebSocketResponse:
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        session = _Session(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=websocket.close,  # type: ignore[arg-type]  # what it returns is not asked for
            download_manager=self.download_manager,
        )
        await session.start(*_size(request.query.get("width"), request.query.get("height")))
        try:
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await _pass_on(message, websocket, session)
        finally:
            await session.stop()
        return websocket


async def _pass_on(message: WSMessage, websocket: web.WebSocketResponse, session: AppService) -> None:
    """Pass on what a page sends; what is none of it is left alone."""
    try:
        content = message.json()
    except (ValueError, RecursionError):
        return
    match content:
        case ["stdin", str(text)]:
            await session.send_bytes(text.encode("utf-8", "replace"))
        case ["resize", {"width": int(width), "height": int(height)}]:
            await session.set_terminal_size(*_size(width, height))
        case ["ping", str(sent)]:
            await websocket.send_json(["pong", sent])
        case ["focus"]:
            await session.focus()
        case ["blur"]:
            await session.blur()


def _size(width: object, height: object) -> tuple[int, int]:
    """Return columns and lines within their limits; 80 and 24 where a text is no number."""
    sizes = []
    for given, usual, most in zip((width, height), (80, 24), MOST_CELLS, strict=True):
        text = str(given)
        whole = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else usual
        sizes.append(min(max(whole, 1), most))
    return sizes[0], sizes[1]

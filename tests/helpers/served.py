"""`tui-linreg serve` in a process of its own, and Chromium that looks at it, driven by its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pyte

import tui_linreg

ROOT = str(Path(tui_linreg.__file__).parents[1])
COLUMNS, LINES = 500, 200
KEYS = {"enter": ("Enter", 13, "\r"), "escape": ("Escape", 27, ""), "right": ("ArrowRight", 39, ""),
        "down": ("ArrowDown", 40, ""), "end": ("End", 35, "")}  # fmt: skip


def browser_path() -> str | None:
    """Return where Chromium is, if it is installed."""
    return shutil.which("chromium") or shutil.which("google-chrome")


async def until(holds: Callable[[], object], what: str, seconds: float = 90.0) -> None:
    """Wait until something holds."""
    end = asyncio.get_running_loop().time() + seconds
    while not holds():
        assert asyncio.get_running_loop().time() < end, f"never: {what}"
        await asyncio.sleep(0.05)


@dataclass
class Served:
    """A running server."""

    process: subprocess.Popen[str]
    port: int
    said: str
    """The lines that it printed at its start."""

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def sessions(self) -> set[int]:
        """The ids of the processes it has started and that have not ended."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(each) for each in children if _state(int(each)) not in "ZX"}


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return "X"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(folder: Path, *options: str, before: tuple[str, ...] = ()) -> Iterator[Served]:
    """Run a server in a folder until the block ends."""
    port = free_port()
    environment = os.environ | {"PYTHONPATH": ROOT, "HOME": str(folder)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tui_linreg", *before, "serve", "--port", str(port), *options],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        said = process.stdout.readline() + process.stdout.readline()
        assert f":{port}/" in said, said + process.stdout.read()
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert time.monotonic() < end, "it never listened"
                time.sleep(0.02)
        yield Served(process, port, said)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@dataclass
class Page:
    """A tab, what it asked for, and what its terminal was sent."""

    socket: aiohttp.ClientWebSocketResponse
    requests: list[str] = field(default_factory=list)
    """The addresses of all that it asked for, from wherever."""
    downloads: list[str] = field(default_factory=list)
    """The names of files that were downloaded whole."""
    terminal: pyte.Screen = field(default_factory=lambda: pyte.Screen(COLUMNS, LINES))
    _answers: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._stream = pyte.ByteStream(self.terminal)

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(line.rstrip() for line in self.terminal.display).rstrip()

    async def listen(self) -> None:
        """Take what the browser says for as long as it does."""
        async for message in self.socket:
            said = json.loads(message.data)
            if "id" in said:
                if not (waiting := self._answers.pop(said["id"])).done():
                    waiting.set_result(said)
                continue
            about = said["params"]
            match said["method"]:
                case "Network.requestWillBeSent":
                    self.requests.append(about["request"]["url"])
                case "Network.webSocketCreated":
                    self.requests.append(about["url"])
                    self.terminal.reset()
                case "Network.webSocketFrameReceived" if about["response"]["opcode"] == 2:
                    self._stream.feed(base64.b64decode(about["response"]["payloadData"]))
                case "Browser.downloadWillBegin":
                    self._names[about["guid"]] = about["suggestedFilename"]
                case "Browser.downloadProgress" if about["state"] == "completed":
                    self.downloads.append(self._names[about["guid"]])

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the DevTools protocol."""
        number = len(self._answers) + id(object()) % 1_000_000 * 1000
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_str(json.dumps({"id": number, "method": method, "params": parameters}))
        said = await asyncio.wait_for(answer, 60)
        assert "error" not in said, said
        return said["result"]  # type: ignore[no-any-return]

    async def find(self, expression: str) -> Any:
        """Return what a JavaScript expression gives in the page."""
        result = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    async def open(self, url: str) -> None:
        await self.call("Page.navigate", url=url)

    async def press(self, *keys: str) -> None:
        """Press keys, whatever in the page has the focus."""
        for each in keys:
            key, code, text = KEYS.get(each, (each, ord(each[0].upper()), each))
            pressed = {"key": key, "windowsVirtualKeyCode": code}
            await self.call("Input.dispatchKeyEvent", type="keyDown", **pressed, **({"text": text} if text else {}))
            await self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def shows(self, words: str) -> None:
        """Wait until the terminal shows these words."""
        try:
            await until(lambda: words in self.text, words)
        except AssertionError as error:
            raise AssertionError(f"never shown: {words}\n{self.text}") from error

    async def picture(self, path: Path) -> None:
        """Write a PNG of the page, for whoever wants to look at it."""
        path.write_bytes(base64.b64decode((await self.call("Page.captureScreenshot"))["data"]))


@asynccontextmanager
async def browsing(folder: Path, width: int = 1600, height: int = 1000) -> AsyncIterator[Page]:
    """Run Chromium with an empty profile; downloads go to `folder`/downloads."""
    profile = folder / "profile"
    downloads = folder / "downloads"
    downloads.mkdir(parents=True)
    browser = await asyncio.create_subprocess_exec(
        browser_path() or "", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-extensions", "--disable-background-networking", "--remote-debugging-port=0",
        f"--window-size={width},{height}", f"--user-data-dir={profile}", "about:blank",
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        port_file = profile / "DevToolsActivePort"
        await until(lambda: port_file.exists() and "\n" in port_file.read_text(), "Chromium's port")
        port = port_file.read_text().split()[0]
        async with aiohttp.ClientSession() as client:
            async with client.get(f"http://127.0.0.1:{port}/json/list") as answer:
                tab = next(each for each in await answer.json() if each["type"] == "page")
            async with client.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0) as connection:
                page = Page(connection)
                listening = asyncio.create_task(page.listen())
                for domain in ("Network", "Page", "Runtime"):
                    await page.call(f"{domain}.enable")
                await page.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads),
                                eventsEnabled=True)  # fmt: skip
                try:
                    yield page
                finally:
                    listening.cancel()
                    with suppress(asyncio.CancelledError):
                        await listening
    finally:
        with suppress(ProcessLookupError):
            os.killpg(browser.pid, signal.SIGKILL)
        await browser.wait()

"""`tui-linreg serve`: what it refuses, whom it answers, and the processes behind its pages."""

from __future__ import annotations

import asyncio
import builtins
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from cli_helpers import Run, assert_refused
from served import Served, free_port, serving, until

from tui_linreg.cli.web_server import MOST_CELLS, is_loopback

JUNK = (
    *("", "[", "[" * 10_000, "{}", "[]", '["stdin"]', '["stdin", 1]', '["stdin", "\\ud800"]', '["x", "y"]'),
    *('["resize", {}]', '["resize", {"width": "1", "height": null}]'),
)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "0"], "--port '0': must be a whole number from 1 to 65535"),
        (["--port", "x"], "--port 'x': must be a whole number"),
        (["--max-sessions", "0"], "--max-sessions '0': must be a whole number from 1 to 1000"),
        (["--max-sessions", "²"], "--max-sessions '²': must be a whole number"),
        (["--host", "[red]not a host"], "--host '[red]not a host': must be an address of this machine"),
        (["--host", "203.0.113.7"], "--host '203.0.113.7': must be an address of this machine"),
        (["--lr", "x"], "--lr 'x'"),
        (["--lessons", "nowhere"], "nowhere"),
        (["--student", "nowhere.py"], "nowhere.py"),
        (["more"], "unexpected argument 'more'"),
    ],
)
def test_what_is_wrong_is_said_before_anybody_opens_a_page(run: Run, options: list[str], words: str) -> None:
    port = [] if "--port" in options else ["--port", str(free_port())]
    assert_refused(run("serve", *options, *port), words)


def test_a_port_in_use_is_refused(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(run("serve", "--port", port), f"--port {port}: is in use; choose another one")


def test_data_that_cannot_be_had_is_refused(run: Run) -> None:
    assert_refused(run("--data", "none.csv", "serve", "--port", str(free_port())), "cannot read 'none.csv'")
    Path("a.csv").write_text("x,y\n1,2\n2,3\n3,5\n")
    assert_refused(run("serve", "--data", "a.csv", "--x", "z", "--port", str(free_port())), "no column 'z'")


def test_without_its_library_it_says_how_to_get_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "tui_linreg.cli.web_server":
            raise ModuleNotFoundError("No module named 'textual_serve'", name="textual_serve")
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", without)
    assert_refused(run("serve"), "serve: needs textual_serve, which is not there; pip install 'tui-linreg[web]'")


def test_which_hosts_only_this_machine_reaches() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.9.9.9", "::1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.2", "example.org", "localhost.example.org", "")))


@asynccontextmanager
async def session(served: Served, client: aiohttp.ClientSession, size: str = "width=120&height=36",
                  **headers: str) -> AsyncIterator[tuple[aiohttp.ClientWebSocketResponse, bytearray]]:  # fmt: skip
    """Open a session as a page does, and give the connection and what came until now."""
    headers = {"Origin": served.url.rstrip("/")} | headers
    address = served.url.replace("http", "ws") + f"ws?{size}"
    async with client.ws_connect(address, headers=headers, max_msg_size=0) as connection:
        came = bytearray()

        async def take() -> None:
            async for message in connection:
                if message.type is aiohttp.WSMsgType.BINARY:
                    came.extend(message.data)

        task = asyncio.create_task(take())
        yield connection, came
        await connection.close()
        await task


@LINUX
async def test_the_lines_say_where_and_for_whom(tmp_path: Path) -> None:
    with serving(tmp_path, "--max-sessions", "3") as served:
        assert f"tui-linreg is at {served.url} for up to 3 at a time, some 330 MB each" in served.said
        assert "only this machine can reach it" in served.said
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", served.port))
    with serving(tmp_path, "--host", "0.0.0.0") as served:
        assert "note: whoever reaches this address may use it, without a password" in served.said
        socket.create_connection(("127.0.0.2", served.port)).close()


@LINUX
async def test_other_sites_and_other_names_are_refused(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        async with aiohttp.ClientSession() as client:
            async with client.get(served.url) as answer:
                page = await answer.text()
                assert answer.status == 200
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert "://" not in page
            async with client.get(served.url, headers={"Host": "evil.example"}) as answer:
                assert answer.status == 403
            for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Host": "evil.example"}):
                with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                    async with session(served, client, **headers):
                        pass
            with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
                await client.ws_connect(served.url + "ws")
            assert not served.sessions


@LINUX
async def test_junk_from_a_page_does_no_harm_and_a_page_that_is_gone_ends_its_process(tmp_path: Path) -> None:
    with serving(tmp_path, "--dataset", "tiny", "--lr", "0.2") as served:
        async with aiohttp.ClientSession() as client:
            async with session(served, client, "width=99999999999&height=-1") as (connection, came):
                for junk in JUNK:
                    await connection.send_str(junk)
                await connection.send_json(["resize", {"width": 10**8, "height": 36}])
                await until(lambda: b"0.2" in came and b"LIVE" in came, "the first step, at the rate given")
                assert f"{MOST_CELLS[0]}".encode() not in came
                assert len(served.sessions) == 1
            await until(lambda: not served.sessions, "the end of the process")


@LINUX
async def test_a_process_that_is_killed_closes_its_page(tmp_path: Path) -> None:
    with serving(tmp_path, "--dataset", "tiny") as served:
        async with aiohttp.ClientSession() as client, session(served, client) as (connection, came):
            await until(lambda: b"LIVE" in came, "the first step")
            for each in served.sessions:
                os.kill(each, signal.SIGKILL)
            await until(lambda: connection.closed, "the end of the connection")


@LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_a_server_that_ends_takes_its_sessions_along(number: signal.Signals, tmp_path: Path) -> None:
    with serving(tmp_path, "--dataset", "tiny") as served:
        async with aiohttp.ClientSession() as client, session(served, client) as (_, came):
            await until(lambda: b"LIVE" in came, "the first step")
            (one,) = served.sessions
            served.process.send_signal(number)
            await until(lambda: served.process.poll() is not None, "the end of the server", 20)
            await until(lambda: not Path(f"/proc/{one}").exists(), "the end of its session", 20)

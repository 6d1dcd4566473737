"""Who is let in, and who isn't."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from vidstyle.studio.guard import Guard, new_token

TOKEN = new_token()
HOST = "127.0.0.1:8123"


async def _inner(scope: Any, receive: Any, send: Any) -> None:
    """An application that would let anybody in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept", "headers": [(b"access-control-allow-origin", b"*")]})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"Access-Control-Allow-Origin", b"*")]})
    await send({"type": "http.response.body", "body": b"inside"})


GUARD = Guard(_inner, TOKEN)
COOKIE = f"{GUARD.cookie}={TOKEN}"


def ask(path: str = "/", query: str = "", kind: str = "http", **headers: str) -> list[dict[str, Any]]:
    """What is sent back to a request with these headers."""
    sent: list[dict[str, Any]] = []
    named = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
    pairs = [(name.encode(), value.encode()) for name, value in named.items()]
    scope = {"type": kind, "path": path, "query_string": query.encode(), "headers": pairs, "method": "GET"}

    async def receive() -> dict[str, Any]:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    asyncio.run(GUARD(scope, receive, send))
    return sent


def is_inside(sent: list[dict[str, Any]]) -> bool:
    return sent[0]["type"] == "websocket.accept" or sent[-1].get("body") == b"inside"


PATHS = ("/", "/frame/1", "/film/a.mp4", "/_nicegui/client/x/upload/7", "/_nicegui_ws/socket.io/", "/openapi.json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_without_the_token_nothing_is_answered(path: str, kind: str) -> None:
    assert is_inside(ask(path, kind=kind, cookie=COOKIE))
    strangers: list[dict[str, str]] = [
        {},
        {"cookie": f"{GUARD.cookie}="},
        {"cookie": f"{GUARD.cookie}={TOKEN[:-1]}"},
        {"cookie": f"token={TOKEN}"},
        {"cookie": f"{GUARD.cookie}=é"},
        {"authorization": f"Bearer {TOKEN}"},
        # It may be a page's that has found its way to this machine's address by another name, or another site's.
        {"cookie": COOKIE, "host": "evil.example:8123"},
        {"cookie": COOKIE, "host": "127.0.0.1.evil.example"},
        {"cookie": COOKIE, "host": ""},
        {"cookie": COOKIE, "host": "[::"},
        {"cookie": COOKIE, "origin": "http://evil.example"},
        {"cookie": COOKIE, "origin": "http://127.0.0.1:9999"},
        {"cookie": COOKIE, "origin": "null"},
        {"cookie": COOKIE, "sec_fetch_site": "cross-site"},
        {"cookie": COOKIE, "sec_fetch_site": "same-site"},
    ]
    for headers in strangers:
        sent = ask(path, kind=kind, **headers)
        assert not is_inside(sent), headers
        assert sent[0].get("status", 403) == 403
        assert kind == "http" or sent == [{"type": "websocket.close", "code": 1008}]


def test_the_address_with_the_token_lets_in() -> None:
    [start, _] = ask("/", f"token={TOKEN}")
    headers = dict(start["headers"])
    assert (start["status"], headers[b"location"]) == (303, b"/")
    assert headers[b"set-cookie"].decode() == f"{COOKIE}; Path=/; HttpOnly; SameSite=Strict"
    assert ask("/", f"token={TOKEN[::-1]}")[0]["status"] == 403
    assert ask("/frame/1", f"token={TOKEN}")[0]["status"] == 403
    assert ask("/", f"token={TOKEN}", host="evil.example")[0]["status"] == 403


def test_no_other_page_may_read_what_is_answered() -> None:
    for kind in ("http", "websocket"):
        [start, *_] = ask(kind=kind, cookie=COOKIE, origin=f"http://{HOST}")
        names = {name.lower() for name, _ in start["headers"]}
        assert not any(name.startswith(b"access-control") for name in names)
        assert b"content-security-policy" in names

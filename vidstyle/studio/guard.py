"""Lets nobody in who has not the token: not to a page, a file, or a socket.

Whatever listens on 127.0.0.1 is reached by every user of the machine, and by every page that their browsers show. So
each request needs the token, as a cookie that no other site's page sends along and no script reads. A request by
another name than this machine's (DNS rebinding), or on behalf of another page, is refused even with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOCAL = frozenset({"127.0.0.1", "localhost"})
"""The names that the studio answers to. A port may be another one's, handed on by ssh."""
_HEADERS = {
    # The page brings its own styles and scripts, some within itself, and a browser is to fetch nothing from elsewhere.
    "content-security-policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


class Guard:
    """An ASGI application before another one, which is reached with the token alone.

    ``/?token=…`` leaves it as a cookie.
    """

    def __init__(self, app: App, token: str) -> None:
        self._app, self._token = app, token
        # All studios of a machine share a jar of cookies, whatever their ports are.
        self.cookie = f"vidstyle_studio_{hashlib.sha256(token.encode()).hexdigest()[:12]}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on, one request or connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        why = self._refusal(scope, headers)
        if why is not None:
            await _refuse(scope, receive, send, why)
        elif scope["type"] == "http" and self._is(_token_in(scope)):
            await self._enter(send)
        elif not self._is(self._cookie_in(headers)):
            await _refuse(scope, receive, send, "The studio's address has a token in it: open the one that it printed.")
        else:
            await self._app(scope, receive, _own(send))

    def _refusal(self, scope: Scope, headers: dict[str, str]) -> str | None:
        """Why a request is no business of ours, whoever has sent it."""
        host = headers.get("host", "")
        if sum(name == b"host" for name, _ in scope["headers"]) != 1 or _name_of(host) not in LOCAL:
            return "The studio answers to 127.0.0.1 and localhost alone."
        origin = headers.get("origin")
        if origin is not None and origin != f"http://{host}":
            return "The studio answers no other page."
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            # A link elsewhere may lead here, and then what is here asks for the token as always.
            return "The studio answers no other page."
        return None

    def _is(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._token.encode())

    def _cookie_in(self, headers: dict[str, str]) -> str | None:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return None
        return found.value if found else None

    async def _enter(self, send: Send) -> None:
        """Keep the token where no script, no address bar and no history shows it."""
        cookie = f"{self.cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
        headers = {"location": "/", "set-cookie": cookie, "cache-control": "no-store", **_HEADERS}
        await _answer(send, 303, headers, b"")


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(24)


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _token_in(scope: Scope) -> str | None:
    if scope["path"] != "/":
        return None
    found = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token")
    return found[0] if found else None


def _own(send: Send) -> Send:
    """The same, with headers of ours and no other page let in by a library's."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            kept = [pair for pair in message.get("headers", ()) if not pair[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept + _encoded(_HEADERS)}
        await send(message)

    return sent


async def _refuse(scope: Scope, receive: Receive, send: Send, why: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await _answer(send, 403, {"content-type": "text/plain; charset=utf-8", **_HEADERS}, f"{why}\n".encode())


async def _answer(send: Send, status: int, headers: dict[str, str], body: bytes) -> None:
    length = {"content-length": str(len(body))}
    await send({"type": "http.response.start", "status": status, "headers": _encoded(headers | length)})
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]

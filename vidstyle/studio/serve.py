"""The studio's server: on this machine alone, for whoever has the token, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from typing import cast

from vidstyle.errors import DependencyError, OutputError
from vidstyle.studio.desk import Desk
from vidstyle.studio.guard import App, Guard, new_token

HOST = "127.0.0.1"
_PATIENCE = 1
"""Seconds that a browser's connection is waited for at the end."""


def require_library() -> None:
    """Make sure that what the page is made with is installed.

    Raises
    ------
    DependencyError
        It isn't.
    """
    # It would keep settings of its own in the current folder if anybody asked it to.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", os.devnull)
    try:
        import nicegui  # noqa: F401
    except ImportError as error:
        raise DependencyError("the studio needs NiceGUI: pip install 'vidstyle[studio]'.") from error


def listening(port: int) -> socket.socket:
    """A socket of this machine alone that listens, at a port; 0: any that is free.

    A browser that is sent there before the server runs waits for it, in place of being refused.

    Raises
    ------
    OutputError
        Another program has it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise OutputError(f"the port {port} can't be had ({error.strerror}): name another one, or none.") from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Where it is, without the token."""
    return f"http://{HOST}:{listener.getsockname()[1]}"


def serve(desk: Desk, listener: socket.socket, ready: Callable[[str], object]) -> None:
    """Serve the page until a signal's handler raises; `ready` is called with the address, which has the token in it."""
    from fastapi import FastAPI
    from nicegui import ui
    from uvicorn import Config, Server

    from vidstyle.studio.page.page import lay_out

    token = new_token()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    lay_out(desk)
    ui.run_with(app, title="vidstyle studio", dark=None, tailwind=False, show_welcome_message=False)
    guard = Guard(cast(App, app), token)
    config = Config(
        guard, log_level="error", access_log=False, server_header=False, timeout_graceful_shutdown=_PATIENCE
    )
    ready(f"{address_of(listener)}/?token={token}")
    asyncio.run(Server(config).serve(sockets=[listener]))

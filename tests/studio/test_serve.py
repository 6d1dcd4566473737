"""The studio's server: who is told its address is never refused."""

from __future__ import annotations

import socket

import pytest

from vidstyle.errors import OutputError
from vidstyle.studio.serve import listening


def test_a_browser_that_comes_before_the_server_runs_waits_for_it() -> None:
    with listening(0) as listener, socket.create_connection(listener.getsockname()) as browser:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"served")
            assert browser.recv(6) == b"served"


def test_a_port_that_another_program_has_is_refused() -> None:
    with listening(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=f"the port {port} can't be had"):
            listening(port)

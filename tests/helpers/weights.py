"""The builtin weights, unpacked once a process: each painting would spend a quarter of a second on them."""

import functools
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def weights_once() -> Iterator[None]:
    """Solvers and measures share what they only read."""
    from vidstyle.measure.metrics import features
    from vidstyle.style import solver
    from vidstyle.style.network.weights import Weights, load_weights

    builtin = functools.cache(functools.partial(load_weights, "builtin"))

    def load(name: str, network: str) -> Weights:
        return builtin(network) if name == "builtin" else load_weights(name, network)

    with pytest.MonkeyPatch.context() as patch:
        for module in (features, solver):
            patch.setattr(module, "load_weights", load)
        yield

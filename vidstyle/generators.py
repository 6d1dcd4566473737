"""Generators that yield news and return a result, as the library's long work does."""

from collections import deque
from collections.abc import Generator, Iterator
from typing import Generic, TypeVar

News = TypeVar("News")
Result = TypeVar("Result")


class Run(Generic[News, Result]):
    """Iterates over a generator's news, and keeps what it returns.

    Attributes
    ----------
    result
        What the generator returned; there once the iteration has come to its end.

    Examples
    --------
    >>> def work():
    ...     yield "half"
    ...     return 42
    >>> for news in (run := Run(work())):
    ...     print(news)
    half
    >>> run.result
    42
    """

    result: Result

    def __init__(self, generator: Generator[News, None, Result]) -> None:
        self._generator = generator

    def __iter__(self) -> Iterator[News]:
        self.result = yield from self._generator


def finish(generator: Generator[object, None, Result]) -> Result:
    """Run a generator to its end without a look at its news, and give what it returns."""
    run = Run(generator)
    deque(run, maxlen=0)
    return run.result

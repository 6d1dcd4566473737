"""Work spread over the cores of a processor, whose results come in order."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def spread(
    work: Callable[[Item], Result], items: Iterable[Item], workers: int, name: str
) -> Generator[Result, None, None]:
    """The results of some work on each item, in order, of which `workers` are worked on or wait at a time.

    The next item is asked for when a result is taken, so that no more memory is needed for a thousand of them. What has
    not been begun when the generator is closed is dropped.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(max(1, workers), thread_name_prefix=name)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)

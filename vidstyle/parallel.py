"""Work spread over the cores of a processor, whose results come in order, or whose news come as there are some."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from threading import Event
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


def together(works: Sequence[Callable[[], Iterable[Result]]], name: str) -> Generator[Result, None, None]:
    """What each of some works yields, as it comes, of all that are done at once, each on a thread of its own.

    The first one that raises ends them all, and so does closing the generator: each stops at what it yields next.
    """
    if len(works) == 1:
        yield from works[0]()
        return
    news: SimpleQueue[tuple[Result] | BaseException | None] = SimpleQueue()
    ended = Event()

    def run(work: Callable[[], Iterable[Result]]) -> None:
        try:
            for one in work():
                news.put((one,))
                if ended.is_set():
                    break
            news.put(None)
        except BaseException as error:  # whatever it is, the other thread has to know
            news.put(error)

    left = len(works)
    with ThreadPoolExecutor(max(1, left), thread_name_prefix=name) as pool:
        try:
            for work in works:
                pool.submit(run, work)
            while left:
                one = news.get()
                if isinstance(one, BaseException):
                    raise one
                if one is None:
                    left -= 1
                else:
                    yield one[0]
        finally:
            ended.set()

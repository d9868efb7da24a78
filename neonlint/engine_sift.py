"""Shares work on many files among several processes, once it proves to be long.

The others are copies of this one (`fork`), so nothing is started or imported for them. Every process, this one
too, takes the number of the next block of files from one pipe until that is empty; the others say what they made of
their blocks through pipes of their own. What one of them took and did not deliver, because it died, is done here.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable, Generator, Iterator
from typing import Generic, NoReturn, TypeVar

_R = TypeVar("_R")
#: More processes than this were of no use in any tree that was measured: this one has to take in what the others say.
USEFUL = 8
#: Seconds of work after which it is known how long the rest will take, and the rest for which others are called in:
#: to copy a process and to take in what the copy says costs a fifth of that.
_TRIED, _WORTH = 0.05, 0.1
#: The bytes of a block's number, and those that say how long a message is.
_NUMBER, _LENGTH = 4, 8
#: What Linux lets anybody make of a pipe. At its usual size a process would wait for us after every 64 KiB.
_PIPE_BYTES = 1 << 20
#: Block numbers are written at once: they have to fit into the smallest pipe that there is, one page.
MOST_BLOCKS = 4096 // _NUMBER


def possible() -> bool:
    """Whether this process can be copied safely: a copy would wait for ever for what another thread holds."""
    threads = sys.modules.get("threading")
    return sys.platform.startswith("linux") and (threads is None or threads.active_count() == 1)


def shared(count: int, work: Callable[[int], _R], jobs: int | None = None) -> Generator[tuple[int, _R], None, None]:
    """What `work` makes of each block from 0 up to `count` (at most `MOST_BLOCKS`), in no promised order.

    `work` runs in `jobs` processes, at most as many as can be had: what it changes is lost there, and what it gives
    must be picklable.
    """
    done: set[int] = set()
    if possible():
        wanted = min(len(os.sched_getaffinity(0)), USEFUL) if jobs is None else jobs
        with contextlib.closing(_Team(count, work, min(wanted, count) - 1)) as team:
            for number, result in team.results():
                done.add(number)
                yield number, result
    for number in range(count):
        if number not in done:
            yield number, work(number)


class _Team(Generic[_R]):
    """This process and its copies at work."""

    def __init__(self, count: int, work: Callable[[int], _R], others: int) -> None:
        self._count, self._work, self._others = count, work, others
        self._queue, filling = os.pipe()
        os.write(filling, b"".join(number.to_bytes(_NUMBER) for number in range(count)))
        os.close(filling)
        self._said: dict[int, bytearray] = {}  # by pipe
        self._children: list[int] = []

    def _engage(self) -> bool:
        """Start one more process; False where the system gives none."""
        reading, writing = os.pipe()
        try:
            child = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            return False
        if child == 0:
            _serve(self._queue, self._work, writing)
        os.close(writing)
        _widen(reading)
        os.set_blocking(reading, False)
        self._children.append(child)
        self._said[reading] = bytearray()
        return True

    def results(self) -> Iterator[tuple[int, _R]]:
        """What this process and the others make of the blocks."""
        started, done = time.monotonic(), 0
        while (number := _next(self._queue)) is not None:
            yield number, self._work(number)
            done += 1
            spent = time.monotonic() - started
            if self._others and spent >= _TRIED and spent / done * (self._count - done) >= _WORTH:
                wanted, self._others = self._others, 0
                while wanted and self._engage():
                    wanted -= 1
            if self._said:
                yield from self._heard(0)
        while self._said:
            yield from self._heard(None)

    def _heard(self, wait: float | None) -> Iterator[tuple[int, _R]]:
        """What the others have said by now; with `wait` None, once one of them has said something."""
        ready, _, _ = select.select([*self._said], [], [], wait)
        for pipe in ready:
            more = _read(pipe)
            if not more:
                os.close(pipe)
                del self._said[pipe]
                continue
            said = self._said[pipe]
            said += more
            while len(said) >= _LENGTH and len(said) >= (end := _LENGTH + int.from_bytes(said[:_LENGTH])):
                yield pickle.loads(said[_LENGTH:end])  # noqa: S301 -- our own copy wrote it
                del said[:end]

    def close(self) -> None:
        """End the other processes; what they have not said yet is no longer wanted."""
        for pipe in (self._queue, *self._said):
            os.close(pipe)
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def _next(queue: int) -> int | None:
    """The number of the next block that nobody has taken. The system hands each out once."""
    number = os.read(queue, _NUMBER)
    return int.from_bytes(number) if number else None


def _read(pipe: int) -> bytes:
    """Everything that a pipe holds; nothing at its end."""
    said = bytearray()
    with contextlib.suppress(BlockingIOError):
        while more := os.read(pipe, _PIPE_BYTES):
            said += more
    return bytes(said)


def _widen(pipe: int) -> None:
    import fcntl  # noqa: PLC0415 -- not on every system

    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _serve(queue: int, work: Callable[[int], _R], writing: int) -> NoReturn:
    """One of the other processes: it never returns, and leaves nothing of this one's to flush."""
    try:
        while (number := _next(queue)) is not None:
            message = pickle.dumps((number, work(number)), pickle.HIGHEST_PROTOCOL)
            left = memoryview(len(message).to_bytes(_LENGTH) + message)
            while left:
                left = left[os.write(writing, left) :]
    finally:
        os._exit(0)

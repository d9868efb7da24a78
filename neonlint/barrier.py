"""What goes wrong with one file stays with that file: an unexpected error, or work that does not end, becomes a skip.

Knows no file format and no rule. No text of an exception is ever kept: it might quote a password.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import NoReturn, TypeVar

from neonlint.errors import UsageError
from neonlint.ir.findings import Skip

T = TypeVar("T")

#: Seconds that the work on one file may take.
LIMIT_SECONDS = 10.0
_PACKAGE = os.path.dirname(os.path.realpath(__file__)) + os.sep  # noqa: PTH120 -- pathlib is slower to import


class _TimedOut(BaseException):
    """Time is up. It passes every `except Exception` and runs every `finally`."""


def guarded(path: str, work: Callable[[], T], seconds: float | None = None) -> T | Skip:
    """What `work` gives, or why the file at `path` is skipped. A `UsageError` is the user's to see and passes.

    `seconds` stands for `LIMIT_SECONDS` if it is given; no limit holds outside of the main thread and on Windows.
    """
    limit = LIMIT_SECONDS if seconds is None else seconds
    try:
        with _alarm(limit):
            return work()
    except UsageError:
        raise
    except _TimedOut:
        return Skip(path, "timed-out", f"not done after {limit:g} seconds")
    except Exception as error:
        kind = type(error).__qualname__
        return Skip(path, "internal-error", f"{kind} at {_place(error.__traceback__)}; please report this defect")


def _place(traceback: TracebackType | None) -> str:
    """The innermost line of our own code that an exception passed."""
    place = "an unknown place"
    while traceback is not None:
        file = os.path.realpath(traceback.tb_frame.f_code.co_filename)
        if file.startswith(_PACKAGE):
            place = f"neonlint/{file.removeprefix(_PACKAGE).replace(os.sep, '/')}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise `_TimedOut` after `seconds`; an alarm that somebody else has set is left alone."""
    try:
        if signal.getitimer(signal.ITIMER_REAL)[0]:
            raise ValueError  # noqa: TRY301 -- as Python does outside of the main thread
        before = signal.signal(signal.SIGALRM, _time_is_up)
    except (AttributeError, ValueError):
        yield
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, before)


def _time_is_up(_number: int, _frame: FrameType | None) -> NoReturn:
    raise _TimedOut

"""The process: signals, the last barrier for errors, the exit status."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import NoReturn

INTERRUPTED, TERMINATED, PIPE_CLOSED, INTERNAL = 130, 143, 141, 2


class Terminated(BaseException):
    """SIGTERM arrived. Like KeyboardInterrupt it passes every `except Exception` and runs every `finally`."""


def run() -> NoReturn:
    """The entry point of the `neonlint` command."""
    gc.set_threshold(50_000)  # imports make many objects and no garbage: looking for it takes 10 ms of a short run
    status = main()
    gc.freeze()  # nor is anything looked for at the end
    sys.exit(status)


def main() -> int:
    """The whole process; returns its exit status. No exception's text is printed: it might quote a password."""
    signal.signal(signal.SIGTERM, _terminate)
    _open_output()
    try:
        from neonlint import cli  # noqa: PLC0415 -- an interrupt during the imports is caught, too

        return cli.main()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED
    except BrokenPipeError:
        _silence_output()
        return PIPE_CLOSED
    except Exception as error:
        sys.stderr.write("\n".join(describe(error)) + "\n")
        return INTERNAL


def describe(error: BaseException) -> Iterator[str]:
    """An unexpected error in type names and places in code: neither its message nor any value."""
    yield "neonlint: internal error"
    chain: BaseException | None = error
    seen: set[int] = set()
    while chain is not None and id(chain) not in seen:
        seen.add(id(chain))
        yield f"{type(chain).__module__}.{type(chain).__qualname__} (its message is withheld: it could quote a secret)"
        yield from _places(chain.__traceback__)
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
        if chain is not None:
            yield "after"
    yield "This is a defect of neonlint. Please report it with the lines above and the output of `neonlint version`;"
    yield "they hold nothing of your files."


def _places(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        file = "/".join(code.co_filename.replace(os.sep, "/").split("/")[-3:])
        yield f"  {file}:{traceback.tb_lineno} in {code.co_qualname}"
        traceback = traceback.tb_next


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def _open_output() -> None:
    """Whoever closed an output wants to see nothing of it; the exit status says enough."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: PTH123, SIM115 -- for as long as the process lives
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: PTH123, SIM115


def _silence_output() -> None:
    """Whoever read the output has left; Python would complain once more while it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())


if __name__ == "__main__":
    run()

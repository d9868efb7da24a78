"""The command `server`: neonlint for editors, over the language server protocol."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from neonlint.errors import UsageError

EXIT = ("the editor ended the conversation", "it went away without doing so")


def flags(parser: ArgumentParser) -> None:
    """Add what `neonlint server` takes."""
    parser.add_argument(
        "--stdio", action="store_true", help="speak over standard input and output, as it does anyway; editors pass it"
    )


def run(_: Namespace) -> int:
    """Serve one editor; returns the exit status. Raises UsageError where pygls is not installed."""
    try:
        from neonlint import server  # noqa: PLC0415 -- an optional dependency
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in {"pygls", "lsprotocol"}:
            raise
        raise UsageError("the language server needs pygls; install it with `pip install 'neonlint[server]'`") from None
    return 0 if server.serve() else 1

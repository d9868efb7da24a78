"""Quotes around a value of an env file, put there or taken away: the one change that leaves the value as it is."""

from __future__ import annotations

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.ir.model import Connection
from neonlint.ir.source import has_hole
from neonlint.regex import regex

#: What every reader of env files takes without quotes as it stands, and what fits between single quotes.
_PLAIN = regex(r"[^\s#'\"`\\$]+")
_FITS = regex(r"[^'\\\r\n]+")


def quote_edits(connection: Connection, *, quoted: bool) -> list[Edit]:
    """The edits that put a value into single quotes or take its quotes away. Raises `Refused` where that changes it."""
    slot = connection.slot
    if slot is None or connection.document.format != "dotenv" or has_hole(slot.text):
        raise Refused("the value is written in a way that cannot be edited in place")
    start, end = slot.span
    written = connection.document.data[start:end]
    bare = slot.text.encode()
    if quoted:
        if written != bare or not _FITS.fullmatch(slot.text):
            raise Refused("the quoting of this value cannot hold the corrected text")
        return [Edit(start, start, b"'"), Edit(end, end, b"'")]
    if written[1:-1] != bare or not _PLAIN.fullmatch(slot.text):
        raise Refused("the value needs its quotes")
    return [Edit(start, start + 1, b""), Edit(end - 1, end, b"")]

"""What of a fix may be shown: its edits without those that touch, or write, a secret."""

from __future__ import annotations

from collections.abc import Sequence

from neonlint.edits import Edit
from neonlint.ir.findings import Fix
from neonlint.ir.source import Span
from neonlint.report.redact import masks
from neonlint.report.sources import Sources


def shown(fix: Fix, path: str, sources: Sources) -> list[Edit]:
    """The edits of a fix of file `path` that hold no secret."""
    return [edit for edit in fix.edits if not _holds_secret(edit, path, sources)]


def whole(fix: Fix | None, path: str, sources: Sources) -> Sequence[Edit]:
    """All edits of a fix, or none where one of them holds a secret: half a repair is none."""
    if fix is None:
        return ()
    told = shown(fix, path, sources)
    return told if len(told) == len(fix.edits) else ()


def text(edit: Edit) -> str:
    """What an edit writes."""
    return edit.new.decode("utf-8", "replace")


def _holds_secret(edit: Edit, path: str, sources: Sources) -> bool:
    """Whether an edit replaces bytes of a secret, or writes any secret of its file, or what looks like one."""
    secrets = sources.secrets(path)
    places = sources.places(path)
    if places is None or any(_overlap(edit, secret) for secret in secrets):
        return True
    if any(places.data[secret.start : secret.end] in edit.new for secret in secrets if secret.end > secret.start):
        return True
    return bool(masks(text(edit)))


def _overlap(edit: Edit, secret: Span) -> bool:
    return edit.start < secret.end and edit.end > secret.start

"""The process that runs libcst: finds the items of calls and dict displays and returns byte edits, never a printed
file.

libcst ends the process with SIGSEGV on deep nesting, so it is never loaded where neonlint itself runs. One request is
one line of JSON on standard input, one answer one line on standard output; the end of input ends the process at once.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import queue
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from neonlint.edits import Edit
from neonlint.errors import Refused
from neonlint.formats.python_layout import Addition, Container, Item, edits_for

if TYPE_CHECKING:
    import libcst as cst

    Spans = Mapping[cst.CSTNode, "CodeSpan"]
    from libcst.metadata.span_provider import CodeSpan

FAILED = "the Python rewriter could not handle this file"
_STACK = 512 << 20
_RECURSION = 200_000


def rewrite(source: bytes, jobs: Sequence[Mapping[str, Any]]) -> list[Edit]:
    """The edits for `jobs`, each with the `start` and `end` of a call or dict display, `add` and `drop`.

    `add` lists texts with the offset of the item to stand behind or None; `drop` lists where items begin. Offsets count
    bytes of `source`, which is UTF-8 without a byte order mark.
    """
    import libcst as cst  # noqa: PLC0415
    from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper  # noqa: PLC0415

    wrapper = MetadataWrapper(cst.parse_module(source.decode()), unsafe_skip_copy=True)
    spans = wrapper.resolve(ByteSpanPositionProvider)
    places = {(job["start"], job["end"]): job for job in jobs}
    edits: list[Edit] = []
    for node, span in spans.items():
        if isinstance(node, (cst.Call, cst.Dict)) and (job := places.pop((span.start, span.start + span.length), None)):
            box = _container(wrapper.module, node, spans)
            additions = [Addition(text.encode(), after) for text, after in job["add"]]
            edits += edits_for(source, box, additions, job["drop"])
    if places:
        raise Refused("the place is not a call or dict display")
    return edits


def _container(module: cst.Module, node: cst.Call | cst.Dict, spans: Spans) -> Container:
    import libcst as cst  # noqa: PLC0415

    parts: Sequence[cst.Arg | cst.BaseDictElement] = node.args if isinstance(node, cst.Call) else node.elements
    items: list[Item] = []
    for part in parts:
        if isinstance(part, cst.Arg) and isinstance(part.value, cst.GeneratorExp) and not part.value.lpar:
            raise Refused("a generator expression is the only argument here")
        span = spans[part]
        end = span.start + span.length
        comma = end + _length(module, part.comma.whitespace_before) if isinstance(part.comma, cst.Comma) else None
        items.append(Item(span.start, end, comma))
    whole = spans[node]
    close = whole.start + whole.length - 1
    if isinstance(node, cst.Dict):
        return Container(items, whole.start + 1, close)
    first = items[0].start if items else close
    return Container(items, first - _length(module, node.whitespace_before_args), close)


def _length(module: cst.Module, node: cst.CSTNode) -> int:
    return len(module.code_for_node(node).encode())


def answer(line: bytes) -> dict[str, Any]:
    """The answer to one request; whatever goes wrong is a refusal that quotes nothing."""
    try:
        request = json.loads(line)
        source = base64.b64decode(request["source"], validate=True)
        edits = rewrite(source, request["jobs"])
        return {"edits": [[edit.start, edit.end, edit.new.decode()] for edit in edits]}
    except Refused as refusal:
        return {"refused": refusal.reason}
    except (binascii.Error, ImportError, MemoryError):
        return {"refused": FAILED}
    except Exception:
        return {"refused": FAILED}


def main() -> None:
    """Answer requests until standard input ends, which it does when the parent process dies."""
    requests: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    sys.setrecursionlimit(_RECURSION)
    threading.stack_size(_STACK)
    threading.Thread(target=_work, args=(requests,), daemon=True).start()
    for line in sys.stdin.buffer:
        requests.put(line)
    os._exit(0)


def _work(requests: queue.SimpleQueue[bytes]) -> None:
    while True:
        written = json.dumps(answer(requests.get()))
        sys.stdout.buffer.write(written.encode() + b"\n")
        sys.stdout.buffer.flush()

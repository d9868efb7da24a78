"""The report as JUnit XML: a suite for each file, a failed test for each finding. An `info` only says something, since
servers count every failure; a clean run is one test that passed, since some of them refuse an empty report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from xml.etree import ElementTree

from neonlint.ir.findings import FATAL, Report, Skip
from neonlint.report import View
from neonlint.report.entries import Entry, encodable, entries, skipped
from neonlint.report.redact import scrub
from neonlint.report.render import break_commands_within, render
from neonlint.report.sources import Sources

#: Code points that XML cannot hold, not even as a reference, and that `render` leaves alone.
_NONCHARACTERS = str.maketrans({"\ufffe": "<U+FFFE>", "\uffff": "<U+FFFF>"})


def lines(report: Report, _view: View) -> Iterator[str]:
    """The report as indented XML in ASCII. `##[`, a command to runners, is written with a reference."""
    root = ElementTree.Element("testsuites", {"name": "neonlint"})
    for path, found in groupby(entries(report, Sources(report)), key=lambda entry: entry.path):
        _suite(root, path, found)
    if told := skipped(report):
        _skips(root, told)
    if not len(root):
        ElementTree.SubElement(_counted(root, "neonlint"), "testcase", {"name": "no findings", "classname": "neonlint"})
    for suite in (*root, root):
        suite.attrib |= _counts(suite)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True).decode("ascii")
    yield from break_commands_within(text, "#&#35;").split("\n")


def _suite(root: ElementTree.Element, path: str, found: Iterator[Entry]) -> None:
    suite = _counted(root, path)
    for entry in found:
        name = f"{entry.rule} ({entry.start.row}:{entry.start.column})"
        case = _case(suite, name, path)
        text = f"{path}:{entry.start.row}:{entry.start.column}: " + "\n".join(entry.told())
        if entry.finding.severity == "info":
            ElementTree.SubElement(case, "system-out").text = _plain(text)
        else:
            _outcome(case, "failure", entry.finding.severity, entry.message, text)


def _skips(root: ElementTree.Element, told: Sequence[Skip]) -> None:
    suite = _counted(root, "files not checked")
    for skip in told:
        path, detail = encodable(skip.path), scrub(skip.detail)
        row = f":{skip.row}" if skip.row else ""
        kind = "error" if skip.reason in FATAL else "skipped"
        _outcome(_case(suite, f"{skip.reason}{row}", path), kind, skip.reason, detail, f"{path}{row}: {detail}")


def _counted(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", {"name": _plain(name)})


def _case(suite: ElementTree.Element, name: str, path: str) -> ElementTree.Element:
    return ElementTree.SubElement(suite, "testcase", {"name": _plain(name), "classname": _plain(path)})


def _outcome(case: ElementTree.Element, kind: str, type_: str, message: str, text: str) -> None:
    ElementTree.SubElement(case, kind, {"type": type_, "message": _plain(message)}).text = _plain(text)


def _counts(element: ElementTree.Element) -> Mapping[str, str]:
    """What a suite, or all of them, must say of the tests in it."""
    outcomes = {"tests": "testcase", "failures": "failure", "errors": "error"}
    return {name: str(sum(1 for _ in element.iter(tag))) for name, tag in outcomes.items()}


def _plain(text: str) -> str:
    """Text that XML can hold, line by line made safe."""
    return "\n".join(map(render, text.split("\n"))).translate(_NONCHARACTERS)

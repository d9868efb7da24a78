"""The last lines of a report: what was read, what was found, what can be repaired, and every file that was not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from neonlint.formats.claims import format_of
from neonlint.ir.findings import SEVERITIES, Finding, Report, Skip
from neonlint.report import View
from neonlint.report.redact import scrub
from neonlint.report.render import render

#: How many refused repairs are told one by one.
_MOST = 20


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def lines(report: Report, view: View) -> Iterator[str]:
    """The summary, line by line."""
    yield from counts(report)
    if report.repair != "none":
        yield from refusals(report, view.shown)
    if report.ignored_env_files:
        names = ", ".join(render(view.shown(path)) for path in report.ignored_env_files)
        verb = "file" if len(report.ignored_env_files) == 1 else "files"
        yield f"{len(report.ignored_env_files)} git-ignored env {verb} checked: {names}"
    yield from _skipped(report.skipped, view)


def counts(report: Report) -> Iterator[str]:
    """What was repaired and what was found, in numbers."""
    if report.fixed:
        yield f"Fixed {repaired(report)} in {plural(len({f.path for f in report.fixed}), 'file')}."
    yield f"Checked {plural(report.files_checked, 'file')} in {report.seconds:.1f} s: {_counts(report)}"


def repaired(report: Report) -> str:
    """`3 findings`, with the unsafe repairs counted apart."""
    by = Counter(finding.fix.safety for finding in report.fixed if finding.fix)
    apart = f" ({by['safe']} safe, {by['unsafe']} unsafe)" if by["unsafe"] else ""
    return plural(len(report.fixed), "finding") + apart


def held_back(report: Report) -> str:
    """How many repairs a run without `--unsafe-fixes` did not make, "" if none."""
    count = sum(finding.fix is not None and finding.fix.safety == "unsafe" for finding in report.findings)
    return f"{count} held back by safe mode (--unsafe-fixes)" if count and report.repair == "safe" else ""


def older(report: Report) -> str:
    """How many findings were there before the branch began, "" if none."""
    return f"{plural(report.older, 'older finding')} not shown (--diff-base)" if report.older else ""


def hidden(report: Report) -> str:
    """How many findings were milder than what is shown, "" if none."""
    return f"{report.hidden} milder not shown (--min-severity)" if report.hidden else ""


def refusals(report: Report, shown: Callable[[str], str]) -> Iterator[str]:
    """The repairs that could not be made, each with its reason."""
    found = [finding for finding in report.findings if finding.refusal]
    if found:
        yield f"{plural(len(found), 'fix', 'fixes')} refused:"
    for finding in found[:_MOST]:
        yield f"  {render(shown(finding.path))}:{finding.row or 1}: {finding.code}: {scrub(finding.refusal or '')}"
    if len(found) > _MOST:
        yield f"  … and {len(found) - _MOST} more"


def statistics(findings: Sequence[Finding]) -> Iterator[str]:
    """How often each rule found something, most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    fixable = {finding.code for finding in findings if finding.fix and finding.fix.safety == "safe"}
    for (code, name), count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>6}  {code}  {'[*]' if code in fixable else '[ ]'}  {render(name)}"


def quiet(skip: Skip) -> bool:
    """Whether a skipped file is only counted: a picture is no surprise, a binary configuration file is."""
    return skip.reason == "binary" and format_of(skip.path) == "text"


def _counts(report: Report) -> str:
    by = Counter(finding.severity for finding in report.findings)
    found = ", ".join(plural(by[severity], severity) for severity in SEVERITIES if by[severity])
    parts = [found or ("no new findings" if report.older else "no findings"), *_fixable(report)]
    if report.older:
        parts.append(older(report))
    if report.hidden:
        parts.append(hidden(report))
    if report.baselined:
        parts.append(f"{len(report.baselined)} baselined")
    if report.suppressed:
        parts.append(f"{report.suppressed} suppressed")
    return "; ".join(parts)


def _fixable(report: Report) -> Iterator[str]:
    by = Counter(finding.fix.safety for finding in report.findings if finding.fix)
    if held := held_back(report):
        yield held
        by["unsafe"] = 0
    if by["safe"]:
        more = f", {by['unsafe']} more with --unsafe-fixes" if by["unsafe"] else ""
        yield f"{by['safe']} fixable with `neonlint fix`{more}"
    elif by["unsafe"]:
        yield f"{by['unsafe']} fixable with `neonlint fix --unsafe-fixes`"


def _skipped(skipped: Sequence[Skip], view: View) -> Iterator[str]:
    told = [skip for skip in skipped if not quiet(skip)]
    if count := len(skipped) - len(told):
        yield f"{plural(count, 'binary file')} not read"
    unwritten = [skip for skip in told if skip.reason == "not-written"]
    if unwritten:
        yield f"{plural(len(unwritten), 'file')} checked, but not written:"
    for skip in unwritten:
        yield f"  {render(view.shown(skip.path))}: {scrub(skip.detail.removeprefix('not written: '))}"
    if len(told) > len(unwritten):
        yield f"{plural(len(told) - len(unwritten), 'file')} not checked:"
    for skip in (skip for skip in told if skip not in unwritten):
        row = f":{skip.row}" if skip.row else ""
        yield f"  {render(view.shown(skip.path))}{row}: {skip.reason}: {scrub(skip.detail)}"

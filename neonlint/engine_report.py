"""The findings of a run as its report has them: with fixes that were tried one by one, and configured severities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from neonlint.barrier import guarded
from neonlint.errors import Refused
from neonlint.ir.findings import Finding, Fix, Skip
from neonlint.judge import Judgement
from neonlint.records import replace

if TYPE_CHECKING:
    from neonlint.config import Level
    from neonlint.rulebook import Rulebook

#: To show what each fix of a file does alone, the file is read again as often; of a large file with very many findings
#: only the first are shown so. This many bytes are a few seconds' work.
RENDERED_BYTES = 2_000_000
UNFIXABLE = "fixes of this rule are switched off (fixable, unfixable)"
NOT_TRIED = "not tried by itself among so many in one file; `neonlint fix` makes what can be made"

#: What a refused fix is known by from round to round: its file, its rule, and where it stands.
Identity = tuple[str, str, int, int]


def identity(judgement: Judgement) -> Identity:
    """What the fix of a judgement is known by."""
    finding = judgement.finding
    return finding.path, finding.code, finding.span.start, finding.label.start if finding.label else -1


def with_fixes(
    judged: Iterable[Judgement], refused: Mapping[Identity, str], fixable: Collection[str], skipped: list[Skip]
) -> list[Finding]:
    """The findings, each with its fix or why there is none (`refused`, or a rule that is not `fixable`). A file whose
    fixes could not be tried is added to `skipped`."""
    found: list[Finding] = []
    for path, of_file in groupby(judged, key=lambda j: j.finding.path):
        here, rendered = list(of_file), list[Finding]()
        failed = guarded(path, partial(_render, here, refused, fixable, rendered))
        if failed is not None and failed.reason != "timed-out":  # nothing is unchecked when only time ran out
            skipped.append(failed)
        found += rendered
        found += [replace(j.finding, refusal=NOT_TRIED if j.fix else None) for j in here[len(rendered) :]]
    return found


def _render(
    judged: Sequence[Judgement], refused: Mapping[Identity, str], fixable: Collection[str], into: list[Finding]
) -> None:
    """Append to `into` the findings of one file, each with its fix or why there is none."""
    left = max(RENDERED_BYTES // (len(judged[0].extract.document.data) + 1), 3)
    for judgement in judged:
        finding, reason = judgement.finding, refused.get(identity(judgement))
        if judgement.fix is not None and judgement.rule.code not in fixable:
            reason = UNFIXABLE
        if judgement.fix is not None and reason is None:
            left -= 1
            finding = _with_fix(judgement) if left >= 0 else replace(finding, refusal=NOT_TRIED)
        into.append(finding if reason is None else replace(finding, refusal=reason))


def _with_fix(judgement: Judgement) -> Finding:
    finding = judgement.finding
    from neonlint import repair  # noqa: PLC0415 -- most runs find nothing

    try:
        edits = repair.edits_for(judgement)
    except Refused as refusal:
        return replace(finding, refusal=refusal.reason)
    return replace(finding, fix=Fix(finding.help, judgement.safety, edits))


def levelled(finding: Finding, severity: Mapping[str, Level], rulebook: Rulebook) -> Finding:
    """The finding with the severity that the configuration gives its rule; the longest name of it counts."""
    for pattern in sorted(severity, key=len, reverse=True):
        level = severity[pattern]
        if level != "off" and finding.code in rulebook.select([pattern]):
            return replace(finding, severity=level)
    return finding

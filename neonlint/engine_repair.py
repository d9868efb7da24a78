"""The repairs of a run: made in memory, file by file, read again and judged again, until nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Literal

from neonlint import formats, repair
from neonlint.barrier import guarded
from neonlint.engine_report import Identity, identity
from neonlint.engine_run import Run
from neonlint.extract import extract
from neonlint.ir.findings import Finding, Fix, Skip
from neonlint.judge import Judgement
from neonlint.records import dataclass, field, replace

#: Rounds of repair after which a run stops; ruff's own guard is 100, and no two of our rules undo each other (a test
#: says so).
MAX_ROUNDS = 10

UNDOES = "it would undo another fix"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Change:
    """A file before and after repair."""

    old: bytes = field(repr=False)
    new: bytes = field(repr=False)


class Repairs:
    """The repairs of one run: what was `fixed`, and why fixes were `refused`."""

    def __init__(self, run: Run, kind: Literal["safe", "unsafe"]) -> None:
        self._run, self._extracts, self._unsafe = run, run.found.extracts, kind == "unsafe"
        self._earlier: dict[str, set[bytes]] = defaultdict(set)  # what a file was before each of its repairs
        self.fixed: list[Finding] = []
        self.refused: dict[Identity, str] = {}

    def make(self, judged: list[Judgement]) -> list[Judgement]:
        """Repair what was found, until nothing more can be; returns what remains."""
        for _ in range(MAX_ROUNDS):
            done = self._round(judged)
            self.fixed += [replace(j.finding, fix=Fix(j.finding.help, j.safety, ())) for j in done]
            if not done:  # only now is it known which comments are needed
                tidied = self._tidy()
                self.fixed += tidied
                if not tidied:
                    break
            judged = self._run.judge()
        return judged

    def changes(self) -> dict[str, Change]:
        """What became of the files, by path; nothing of those that are as they were."""
        now = {path: self._extracts[path].document.data for path in self._run.original}
        return {path: Change(old, now[path]) for path, old in self._run.original.items() if now[path] != old}

    def _round(self, judged: Sequence[Judgement]) -> list[Judgement]:
        done: list[Judgement] = []
        for path in dict.fromkeys(j.finding.path for j in judged):
            chosen = [
                j for j in judged
                if j.finding.path == path and j.fix is not None and (self._unsafe or j.safety == "safe")
                and j.rule.code in self._run.fixable and identity(j) not in self.refused
            ]  # fmt: skip
            if not chosen:
                continue
            repaired = guarded(path, partial(self._repair_file, path, chosen))
            if isinstance(repaired, Skip):
                self._run.found.skipped.append(repaired)
                self.refused |= {identity(j): repaired.reason for j in chosen}
            else:
                done += repaired
        return done

    def _tidy(self) -> list[Finding]:
        """Make the fixes of comments that need not be, or may not be as they are; returns what was fixed."""
        done: list[Finding] = []
        for path, of_file in groupby([f for f in self._run.hygiene if f.fix is not None], key=lambda f: f.path):
            from neonlint.repair_comments import changed  # noqa: PLC0415 -- few files have such comments

            found = list(of_file)
            edits = [edit for f in found if f.fix is not None for edit in f.fix.edits]
            again = guarded(path, partial(changed, self._extracts[path], edits))
            if again is not None and not isinstance(again, Skip) and again.document.data not in self._earlier[path]:
                self._earlier[path].add(self._extracts[path].document.data)
                self._extracts[path] = again
                done += found
        return done

    def _repair_file(self, path: str, chosen: Sequence[Judgement]) -> list[Judgement]:
        current = self._extracts[path]
        result = repair.repair(current, chosen)
        self.refused |= {identity(j): result.refused[id(j)] for j in chosen if id(j) in result.refused}
        if result.data in self._earlier[path]:
            self.refused |= {identity(j): UNDOES for j in result.done}
            return []
        if result.done:
            self._earlier[path].add(current.document.data)
            document = formats.load(current.document.format).read(path, result.data)
            self._extracts[path] = extract(document)
            # What was refused beside another fix may be possible once that one is made.
            for key in [key for key in self.refused if key[0] == path]:
                del self.refused[key]
        return result.done

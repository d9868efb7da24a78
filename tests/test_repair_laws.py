"""Laws of repairing whole projects with many defects at once: it ends, it finds nothing that was not there, it leaves the
rest as it was, and a safe repair leads nowhere else. What concerns one example at a time is in `test_fix_laws.py`."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest
from defective import projects
from hypothesis import given, settings
from rule_examples import after, examples, run_on, shown

from neonlint import engine, engine_repair, formats, session
from neonlint.config import Config
from neonlint.engine import Outcome
from neonlint.extract import extract
from neonlint.formats.claims import format_of, worth_parsing
from neonlint.ir.endpoint import repair_pooler, with_pooler
from neonlint.ir.findings import Finding
from neonlint.ir.model import Connection
from neonlint.ir.source import Scalar
from neonlint.records import replace
from neonlint.rulebook import Example, Rule, Rulebook, load

Files = Mapping[str, str]
KINDS: tuple[Literal["safe"], Literal["unsafe"]] = ("safe", "unsafe")
BAD = [(rule, number, example) for rule, number, example in examples() if example.bad is not None]
UNREPAIRED = [
    pytest.param(rule, example, id=f"{rule.name}-{number}") for rule, number, example in BAD if example.good is None
]

#: Codes (or their beginnings) that may be found once a fix of these is made, and why.
FOLLOWS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    # The host becomes Neon's, or the text becomes one that can be read: whatever else is wrong with it is seen now.
    (("NL303", "NL701", "NL702", "NL703", "NL704", "NL705", "NL706", "NL709"), ("NL",)),
    # A mode of TLS, a root or channel binding is judged beside the others.
    (("NL1",), ("NL1",)),
    # Which endpoint an option names is compared with the host that the fix has written, or known only now.
    (("NL301", "NL313", "NL315", "NL319", "NL320"), ("NL311", "NL312")),
    # The password is no longer hidden in the workaround; its own form is judged.
    (("NL107", "NL314"), ("NL1", "NL2", "NL706")),
    # The host becomes the pooled one, as its name promises; what does not go through a pooler is for a human to move.
    (("NL301", "NL316", "NL321"), ("NL318", "NL4", "NL511", "NL512")),
    # A missing database is filled with Neon's first one; the other half of the pair may name another.
    (("NL711",), ("NL317",)),
    # Pools are judged together with the tests of their connections.
    (("NL5",), ("NL5",)),
)


def crlf(_path: str, text: str) -> str:
    return text.replace("\n", "\r\n")


def marked(path: str, text: str) -> str:
    """With a byte order mark, but for what no reader takes with one; requirements files are read by pip with one."""
    plain = format_of(path) == "json" or path in (
        ".gitignore",
        "pyproject.toml",
        "neonlint.toml",
        ".neonlint-baseline.toml",
    )
    return text if plain else "\ufeff" + text


def unfinished(_path: str, text: str) -> str:
    return text.removesuffix("\n")


def told(outcome: Outcome) -> list[tuple[object, ...]]:
    """Everything about the findings that does not count bytes."""
    found = [(f.path, f.code, f.row, f.severity, f.message, f.help, f.refusal) for f in outcome.report.findings]
    return sorted(found, key=repr)


@contextmanager
def counted_rounds() -> Iterator[list[int]]:
    """How many rounds of repair are made meanwhile."""
    rounds, original = [0], engine_repair.Repairs._round

    def one(*arguments: object) -> object:
        rounds[0] += 1
        return original(*arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_repair.Repairs, "_round", one)
        yield rounds


@pytest.mark.parametrize("variant", [crlf, marked, unfinished])
@pytest.mark.parametrize(("rule", "example"), UNREPAIRED)
def test_the_form_of_a_file_hides_nothing(
    rule: Rule, example: Example, variant: Callable[[str, str], str], tmp_path: Path
) -> None:
    assert example.bad is not None
    varied = {path: variant(path, text) for path, text in example.bad.items()}
    assert told(run_on(tmp_path / "varied", varied)) == told(run_on(tmp_path / "plain", example.bad))


@pytest.mark.parametrize("seed", range(24))
def test_examples_of_all_rules_in_one_package(seed: int, tmp_path: Path) -> None:
    """Repairs of different rules, in a package where each file may speak for every other."""
    chosen = random.Random(seed).sample(BAD, 3 + seed % 10)
    files = {
        f"{rule.code}_{number}/{path}": text
        for rule, number, example in chosen
        for path, text in (example.bad or {}).items()
        if not {"pyproject.toml", ".gitignore"} & set(example.bad or {})
    }
    check_laws(files, tmp_path)


@settings(max_examples=150)
@given(projects())
def test_several_defects_at_once(files: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check_laws(files, Path(folder))


def check_laws(files: Files, folder: Path) -> None:
    before = run_on(folder, files)
    for kind in KINDS:
        with counted_rounds() as rounds:
            outcome = run_on(folder, files, kind)
        assert rounds[0] < engine_repair.MAX_ROUNDS, [f.code for f in outcome.report.fixed]
        assert not [f for f in outcome.report.findings if f.refusal == engine_repair.UNDOES], shown(outcome)
        made = Counter((f.path, f.code, f.key, f.row, f.message) for f in outcome.report.fixed)
        assert not [one for one, times in made.items() if times > 1], "what was fixed had to be fixed again"
        fixed = after(files, outcome)
        again = run_on(folder, fixed, kind)
        assert not again.changes, "fixing twice is not fixing once"
        assert told(again) == told(outcome)
        assert again.report.skipped == before.report.skipped
        check_nothing_new(before, outcome)
        check_the_rest_stays(files, fixed)
        if kind == "safe":
            check_same_databases(files, fixed, outcome.report.fixed)


def check_nothing_new(before: Outcome, outcome: Outcome) -> None:
    """Of each rule no more is found in a file than before, but for what `FOLLOWS` says."""
    known = Counter((f.path, f.code) for f in before.report.findings)
    now = Counter((f.path, f.code) for f in outcome.report.findings)
    made = sorted({f.code for f in outcome.report.fixed})
    for path, code in now - known:
        follows = [fixes for fixes, codes in FOLLOWS if code.startswith(codes)]
        assert any(m.startswith(fixes) for m in made for fixes in follows), f"{code} is new in {path} after {made}"


def check_the_rest_stays(files: Files, fixed: Files) -> None:
    """Lines that hold no connection are still there, in their order; so is every comment, but those to neonlint, which
    go with what they allowed."""
    for path, text in files.items():
        before, lines = [line for line in text.splitlines() if "neonlint:" not in line], iter(fixed[path].splitlines())
        neighbours = ("#", ";", "OTHER", "LAST", "import", "from", "other", "[", "services", "def", "async", "class")
        kept = [line for line in before if line.strip().startswith(neighbours) and "neon." not in line]
        assert all(line in lines for line in kept if "import" not in line or line in fixed[path]), (path, fixed[path])
        for line in before:
            assert line.rpartition("  # ")[2] in fixed[path] or "  # " not in line


def connections(path: str, text: str) -> Sequence[Connection]:
    name, data = format_of(path), text.encode()
    return extract(formats.load(name).read(path, data)).connections if worth_parsing(name, data) else ()


def reached(connection: Connection) -> dict[str, str]:
    """Where a connection leads and as whom, as far as that is written."""
    names = ("scheme", "user", "password", "host", "port", "database")
    if connection.view is not None:
        return {name: text for name in names if (text := connection.view.text(name)) is not None}
    values = {name: entry.value for name, entry in connection.fields.items() if name in names}
    return {name: str(value.value) for name, value in values.items() if isinstance(value, Scalar)}


def check_same_databases(files: Files, fixed: Files, made: Sequence[Finding]) -> None:
    """Only what the rules name may differ, and of a host only its `-pooler`."""
    rules = {rule.code: rule for rule in load().rules}
    for path in {finding.path for finding in made}:
        fixes = [fix for f in made if f.path == path for fix in rules[f.code].fixes if fix.safety == "safe"]
        named = {name.partition(".")[0] for fix in fixes for name in (*fix.set, *fix.unset)}
        for old, new in zip(connections(path, files[path]), connections(path, fixed[path]), strict=True):
            was, now = reached(old), reached(new)
            for part in {"user", "password", "database", "port", "scheme"} - named:
                assert "syntax" in named or was.get(part) == now.get(part), (path, part)
            assert was.get("host") == now.get("host") or {"endpoint", "host"} & named
            assert direct(was.get("host", "")) == direct(now.get("host", "")) or "host" in named


def direct(host: str) -> str:
    return with_pooler(repair_pooler(host) or host, False)


@settings(max_examples=40)
@given(projects())
def test_a_difference_is_what_a_repair_writes(files: Files) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_on(folder, files)
        for kind in KINDS:
            work = session.open_session([name], Config(), folder)
            report, found = session.differences(work, kind)
            assert {d.path: d.old.data for d in found} == {d.path: files[d.path].encode() for d in found}
            wanted = {path: text.encode() for path, text in files.items()} | {d.path: d.new.data for d in found}
            repaired = session.repair(work, kind)
            assert {path: (folder / path).read_bytes() for path in files} == wanted
            assert [f.code for f in repaired.fixed] == [f.code for f in report.fixed]
            files = {path: data.decode() for path, data in wanted.items()}


@settings(max_examples=40)
@given(projects())
def test_any_choice_of_rules_leaves_valid_files(files: Files) -> None:
    codes = sorted(rule.code for rule in load().rules)
    chosen = tuple(random.Random(repr(files)).sample(codes, len(codes) // 2))
    with tempfile.TemporaryDirectory() as name:
        outcome = run_on(Path(name), files, "unsafe", Config(select=chosen))
        assert {f.code for f in (*outcome.report.findings, *outcome.report.fixed)} <= set(chosen)
        again = run_on(Path(name), after(files, outcome), "unsafe", Config(select=chosen))
        assert not again.changes
        assert not again.report.skipped


def test_rules_that_contradict_each_other_end(tmp_path: Path) -> None:
    """Ours do not, an organisation's may: of two repairs that undo each other the second is refused."""
    rule, pooled = load().find("NL316"), ["fact", "endpoint.pooled"]
    assert rule is not None
    up = replace(rule, when=["not", pooled])
    down = replace(
        rule, code="NL999", name="down", when=pooled, fixes=(replace(rule.fixes[0], set={"endpoint.pooled": False}),)
    )
    files = {".env": "X=postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db\n"}
    with pytest.MonkeyPatch.context() as patch, counted_rounds() as rounds:
        patch.setattr(engine, "load", lambda _: Rulebook([up, down]))
        outcome = run_on(tmp_path, files, "unsafe")
    assert rounds[0] == 2
    assert [f.refusal for f in outcome.report.findings] == [engine_repair.UNDOES]

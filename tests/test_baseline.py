"""The baseline: what it lets pass, what it never holds, and what it survives."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import CANARY, FILES, NEON_CANARY

from neonlint import baseline
from neonlint.baseline import Baseline, Entry
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine import Outcome, run
from neonlint.engine_run import BASELINE
from neonlint.errors import ConfigError
from neonlint.rulebook import load

URL = "postgresql://app:{}@ep-cool{}-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?sslmode=prefer"
WORDS = st.text("abcdefgh", min_size=1, max_size=8)
NAMES = st.lists(st.sampled_from(["A", "B", "C", "D"]), min_size=1, max_size=4, unique=True)
SAMPLES = st.sampled_from(sorted(name for name in FILES if name.endswith((".env", ".ts", ".yaml", ".py"))))


def judged(folder: Path, files: dict[str, str], config: Config | None = None, *, whole: bool = True) -> Outcome:
    for name, text in files.items():
        (folder / name).write_text(text)
    return run(folder, [FoundFile(name) for name in files], config or Config(), whole=whole)


def adopt(folder: Path, files: dict[str, str]) -> list[Entry]:
    report = judged(folder, files, Config(baseline="")).report
    entries = baseline.of(report.findings, report.sources)
    (folder / BASELINE).write_text(baseline.text(entries))
    return entries


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    return lambda: tmp_path_factory.mktemp("p")


@given(st.sets(SAMPLES, min_size=1, max_size=4))
def test_what_was_written_down_passes(made: Callable[[], Path], names: set[str]) -> None:
    folder, files = made(), {name: FILES[name] for name in sorted(names)}
    entries = adopt(folder, files)
    outcome = judged(folder, files, Config(strict_baseline=True))
    assert not outcome.report.findings
    assert not outcome.stale
    assert len(outcome.report.baselined) == sum(entry.count for entry in entries)
    text = (folder / BASELINE).read_text()
    assert CANARY[:8] not in text
    assert NEON_CANARY[4:12] not in text


@given(NAMES, WORDS, WORDS, st.lists(st.sampled_from(["", "# a", "OTHER=1", "T=x"]), max_size=5))
def test_passwords_lines_and_other_variables_do_not_matter(
    made: Callable[[], Path], names: list[str], one: str, other: str, lines: list[str]
) -> None:
    folder = made()
    adopt(folder, {"x.env": "".join(f"{n}_URL={URL.format(one, n.lower())}\nQ{n}=1\n" for n in names)})
    moved = [f"{n}_URL={URL.format(other, n.lower())}\r\nR{n}=1\n" for n in reversed(names)]
    outcome = judged(folder, {"x.env": "\n".join([*lines, *moved])})
    assert not outcome.report.findings
    assert not outcome.stale


@given(NAMES, WORDS)
def test_a_new_host_is_a_new_finding(made: Callable[[], Path], names: list[str], host: str) -> None:
    folder = made()
    adopt(folder, {"x.env": "".join(f"{n}_URL={URL.format('pw', n)}\n" for n in names)})
    files = {"x.env": "".join(f"{n}_URL={URL.format('pw', f'new-{host}')}\n" for n in names)}
    outcome = judged(folder, files)
    assert {finding.row for finding in outcome.report.findings} == set(range(1, len(names) + 1))
    assert len(outcome.stale) == len(names)


def test_more_of_the_same_is_new(tmp_path: Path) -> None:
    line = f"A_URL={URL.format('pw', 'a')}\n"
    adopt(tmp_path, {"x.env": line * 2})
    before = judged(tmp_path, {"x.env": line * 2}).report
    after = judged(tmp_path, {"x.env": line * 3}).report
    assert not before.findings
    assert [finding.row for finding in after.findings] == [3]


def test_repairs_pass_over_it(tmp_path: Path) -> None:
    """The old line is left as it is, the new one is repaired; without the baseline both are."""
    old, new = (f"{n}_URL={URL.format('pw', n)}\n" for n in "ab")
    adopt(tmp_path, {"x.env": old})
    (tmp_path / "x.env").write_text(old + new)
    changed = run(tmp_path, [FoundFile("x.env")], Config(), repair="unsafe").changes["x.env"].new.decode()
    assert changed.startswith(old)
    assert new not in changed
    both = run(tmp_path, [FoundFile("x.env")], Config(baseline=""), repair="unsafe").changes["x.env"].new.decode()
    assert old not in both


def test_a_former_name_of_a_rule_counts(tmp_path: Path) -> None:
    files = {"x.env": f"A_URL={URL.format('pw', 'a')}\n"}
    report = judged(tmp_path, files).report
    rule = load().find(report.findings[0].name)
    from neonlint.records import replace  # noqa: PLC0415

    former = [replace(finding, name="former-name") for finding in report.findings]
    kept = Baseline("b", baseline.of(former, report.sources))
    source = report.sources["x.env"]
    assert kept.new("x.env", report.findings, lambda: source, {"former-name": rule}.get) == []
    assert kept.new("x.env", report.findings, lambda: source, lambda name: None) == list(report.findings)


def test_stale_is_only_what_a_run_can_know(tmp_path: Path) -> None:
    files = {"x.env": f"A_URL={URL.format('pw', 'a')}\n", "c.yaml": f"url: {URL.format('pw', 'c')}\n"}
    entries = adopt(tmp_path, files)
    mended = {"x.env": "A_URL=1\n"}
    assert judged(tmp_path, mended, whole=False).stale == [e for e in entries if e.path == "x.env"]
    (tmp_path / "c.yaml").unlink()
    assert sorted(judged(tmp_path, mended).stale) == sorted(entries)
    assert not judged(tmp_path, mended, Config(ignore=("ALL",))).stale
    assert not run(tmp_path, [FoundFile("c.yaml")], Config(), whole=False).stale, "it could not be read"
    assert [e.path for e in run(tmp_path, [], Config()).stale] == ["c.yaml"], "an env file may be on another machine"
    strict = judged(tmp_path, mended, Config(strict_baseline=True)).report
    assert {finding.code for finding in strict.findings} == {"NL904"}
    text = (tmp_path / BASELINE).read_text()
    rows = text.splitlines()
    assert [rows[finding.row - 1].split(",")[0] for finding in strict.findings] == [
        f'  {{ path = "{entry.path}"' for entry in sorted(entries)
    ]
    assert {text[finding.span.start :][:9] for finding in strict.findings} == {"{ path = "}


ENTRIES = st.builds(
    Entry, st.text(max_size=5), st.text("a-", max_size=5), st.text(max_size=5), WORDS, st.integers(1, 9)
)


@given(st.lists(ENTRIES, max_size=8), st.randoms())
def test_the_text_is_sorted_and_reads_back(made: Callable[[], Path], entries: list[Entry], random: object) -> None:
    folder, shuffled = made(), list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = Baseline("b", entries).entries
    assert baseline.text(whole) == baseline.text(sorted(whole, reverse=True))
    (folder / "b").write_bytes(baseline.text(shuffled).encode())
    read = baseline.load(folder, "b").entries
    assert {e._replace(key="") for e in read} == {e._replace(key="") for e in whole}
    (folder / "b").write_bytes(baseline.text(read).encode())
    assert baseline.load(folder, "b").entries == read


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("version = 2", "`version` is not 1"),
        ("version = 1\n<<<<<<< HEAD\n", "holds the marks of a merge that was not finished"),
        ("version = 1\nx = 3\n", "holds more than"),
        ("version = 1\n[[finding]]\npath = 'x'\n", "entry number 1 "),
        ("version = 1\nfinding = [\n  { path = 'x' },\n]\n", "entry number 1 "),
        ("version = [", "is not valid TOML"),
        ("a = " + "[" * 20_000, "is not valid TOML"),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    (tmp_path / BASELINE).write_text(text)
    with pytest.raises(ConfigError, match="--force") as error:
        judged(tmp_path, {"x.env": "A=1\n"})
    assert cause in str(error.value)


def git(folder: Path, *arguments: str) -> int:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=False).returncode


@given(st.sets(st.integers(0, 20), min_size=3, max_size=8), st.integers(0, 20), st.integers(0, 20))
def test_branches_that_each_add_a_finding_merge(made: Callable[[], Path], old: set[int], one: int, two: int) -> None:
    """Either git merges the entries, or it says that it cannot and the file is made anew: never something in between."""
    folder = made()
    entries = {n: Entry(f"f{n:02}.env", "sslmode-missing", "A", f"{n:020x}") for n in range(21)}
    git(folder, "init", "-q", "-b", "main")
    for branch, added in (("main", old), ("one", old | {one}), ("two", old | {two})):
        git(folder, "checkout", "-q", *(["-b", branch, "main"] if branch != "main" else ["-b", "main"]))
        (folder / BASELINE).write_text(baseline.text(entries[n] for n in added))
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "--allow-empty", "-m", branch)
    merged = git(folder, "merge", "-q", "one") == 0
    apart = sorted(old | {one, two})
    if merged:
        assert baseline.load(folder, BASELINE).entries == [entries[n] for n in apart]
    else:
        assert abs(apart.index(one) - apart.index(two)) == 1, "only neighbours are a conflict"
        with pytest.raises(ConfigError, match=r"merge.*baseline create --force"):
            baseline.load(folder, BASELINE)


def test_branches_that_meet_are_put_together_line_by_line(tmp_path: Path) -> None:
    """Where git cannot merge, both sides' lines are kept: only the marks go."""

    def git(*words: str, status: int = 0) -> None:
        done = subprocess.run(["git", "-C", str(tmp_path), *words], capture_output=True, check=False)
        assert done.returncode == status, done.stderr

    def commit(names: str) -> None:
        entries = [Entry("x.env", "some-rule", name, name * 4) for name in names]
        (tmp_path / BASELINE).write_text(baseline.text(entries))
        git("add", "-A")
        git("-c", "user.name=n", "-c", "user.email=e@x.org", "commit", "-qm", names)

    git("init", "-q", "-b", "main")
    commit("ae")
    git("checkout", "-qb", "other")
    commit("abde")
    git("checkout", "-q", "main")
    commit("ace")
    git("-c", "user.name=n", "-c", "user.email=e@x.org", "merge", "-q", "other", status=1)
    lines = (tmp_path / BASELINE).read_text().splitlines()
    kept = [line for line in lines if not line.startswith(("<<<<<<<", "=======", ">>>>>>>"))]
    assert len(kept) < len(lines)
    (tmp_path / BASELINE).write_text("\n".join(kept))
    assert [entry.key for entry in baseline.load(tmp_path, BASELINE).entries] == list("abcde")

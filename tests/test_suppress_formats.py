"""Suppressions in every comment syntax that is read, and their removal where they are not needed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from commented import FILES, URL, Commented
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_examples import run_on

from neonlint.engine import Outcome

CASES = [pytest.param(case, id=f"{case.path}-{case.open.strip()}") for case in FILES]


def codes(outcome: Outcome) -> list[str]:
    assert not outcome.report.skipped
    return sorted({finding.code for finding in outcome.report.findings})


@pytest.mark.parametrize("case", CASES)
def test_each_scope_covers(case: Commented, tmp_path: Path) -> None:
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    assert found
    for words in ("ignore[{}]", "disable[{}]", "file-ignore[{}] why", "ignore[{}] because: it is so"):
        text = case.above("neonlint: " + words.format(", ".join(found)))
        assert codes(run_on(tmp_path, {case.path: text})) == [], words


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].behind])  # type: ignore[union-attr]
def test_a_comment_behind_the_defect_covers_it(case: Commented, tmp_path: Path) -> None:
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    row = run_on(tmp_path, {case.path: case.plain()}).report.findings[0].row
    lines = case.plain().splitlines()
    lines[row - 1] += f"  {case.open}neonlint: ignore[{','.join(found)}] why{case.close}"
    assert codes(run_on(tmp_path, {case.path: "\n".join(lines)})) == []


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].close])  # type: ignore[union-attr]
def test_a_comment_of_several_lines_covers_what_is_below_its_end(case: Commented, tmp_path: Path) -> None:
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    for words in ("neonlint: ignore[{}] why,\n  and more", "\nText.\nneonlint: ignore[{}]\n"):
        assert codes(run_on(tmp_path, {case.path: case.above(words.format(", ".join(found)))})) == [], words


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_an_unused_one_is_removed_to_the_byte(case: Commented, ending: str, tmp_path: Path) -> None:
    """The file is then what it was without: with other white space or line ends, too."""
    plain = case.plain().replace("\n", ending)
    used = codes(run_on(tmp_path, {case.path: plain}))
    config = {"neonlint.toml": f"ignore = {used}\n"}
    for words in ("ignore[NL311] why", "disable[NL311]", "file-ignore[NL311,endpoint-option-redundant]"):
        text = case.above(f"neonlint: {words}", "\t" if case.path == ".env" else "  ").replace("\n", ending)
        if case.path in ("Makefile", "justfile", "Procfile", ".pgpass", "notes.txt"):
            text = case.above(f"neonlint: {words}").replace("\n", ending)
        found = run_on(tmp_path, config | {case.path: text})
        assert codes(found) == ["NL901"], words
        outcome = run_on(tmp_path, config | {case.path: text}, "safe")
        assert codes(outcome) == []
        assert outcome.changes[case.path].new == plain.encode(), words
        assert [finding.code for finding in outcome.report.fixed] == ["NL901"] * len(found.report.findings)


@pytest.mark.parametrize("case", [case for case in CASES if case.values[0].behind])  # type: ignore[union-attr]
def test_one_behind_code_is_removed_with_the_blanks_before_it(case: Commented, tmp_path: Path) -> None:
    used = codes(run_on(tmp_path, {case.path: case.plain()}))
    row = run_on(tmp_path, {case.path: case.plain()}).report.findings[0].row
    lines = case.plain().splitlines(keepends=True)
    lines[row - 1] = f"{lines[row - 1].rstrip()}  {case.open}neonlint: ignore[NL311] why{case.close}\n"
    outcome = run_on(tmp_path, {"neonlint.toml": f"ignore = {used}\n", case.path: "".join(lines)}, "safe")
    assert outcome.changes[case.path].new == case.plain().encode()


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_not_needed_is_taken_out(case: Commented, tmp_path: Path) -> None:
    used = codes(run_on(tmp_path, {case.path: case.plain()}))
    for written, left in (
        (["NL311", *used], used),
        ([*used, "NL311"], used),
        ([*used, "NL312", "NL311"], used),
    ):
        text = case.above(f"neonlint: ignore[{', '.join(written)}] why")
        outcome = run_on(tmp_path, {case.path: text}, "safe")
        assert codes(outcome) == []
        assert outcome.changes[case.path].new.decode() == case.above(f"neonlint: ignore[{', '.join(left)}] why")


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("case", CASES)
def test_an_unknown_one_is_removed_to_the_byte(case: Commented, ending: str, mark: str, tmp_path: Path) -> None:
    plain = case.plain().replace("\n", ending)
    used = codes(run_on(tmp_path, {case.path: plain}))
    config = {"neonlint.toml": f"ignore = {used}\n"}
    for words in ("ignore[NL999] why", "ignore", "skip[NL101] why", "disable[NL999,no-such-rule]"):
        text = mark + case.above(f"neonlint: {words}").replace("\n", ending)
        assert codes(run_on(tmp_path, config | {case.path: text})) == ["NL902"], words
        outcome = run_on(tmp_path, config | {case.path: text}, "safe")
        assert codes(outcome) == []
        assert outcome.changes[case.path].new == (mark.encode() + plain.encode()), words


@pytest.mark.parametrize("case", CASES)
def test_one_without_a_reason_is_removed_and_what_it_hid_is_found(case: Commented, tmp_path: Path) -> None:
    """Its own rule's fix decides what becomes of that; here none may be made."""
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    config = {"neonlint.toml": f"require-reason = true\nunfixable = {found}\n"}
    for words in ("ignore[{}]", "disable[{}]", "file-ignore[{}]"):
        text = case.above("neonlint: " + words.format(", ".join(found)))
        assert codes(run_on(tmp_path, config | {case.path: text})) == ["NL903"], words
        outcome = run_on(tmp_path, config | {case.path: text}, "safe")
        assert codes(outcome) == found
        assert outcome.changes[case.path].new == case.plain().encode(), words
        assert not run_on(tmp_path, config | {case.path: outcome.changes[case.path].new.decode()}, "safe").changes


@pytest.mark.parametrize("case", CASES)
def test_a_pair_around_a_defect_goes_together(case: Commented, tmp_path: Path) -> None:
    """Taken away without the `enable`, a `disable` would leave a comment that ends nothing."""
    found = codes(run_on(tmp_path, {case.path: case.plain()}))
    lines = case.above(f"neonlint: disable[{', '.join(found)}]").splitlines(keepends=True)
    at = next(row for row, line in enumerate(lines) if "neonlint:" in line)
    end = lines[at].replace("disable", "enable")
    text = "".join([*lines[: at + 2], end, *lines[at + 2 :]])
    config = {"neonlint.toml": f"require-reason = true\nselect = {['NL903', *found]}\nunfixable = {found}\n"}
    assert codes(run_on(tmp_path, config | {case.path: text})) == ["NL903"]
    outcome = run_on(tmp_path, config | {case.path: text}, "safe")
    assert outcome.changes[case.path].new == case.plain().encode()
    assert codes(outcome) == found


def test_what_a_reasonless_one_hid_is_mended_in_the_same_run(tmp_path: Path) -> None:
    url = "postgresql://app:pw@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/db?channel_binding=require&sslmode="
    files = {
        "neonlint.toml": 'require-reason = true\nselect = ["NL102", "NL9"]\n',
        "app.py": "import os\n\nimport psycopg\n\nconnection = psycopg.connect(os.environ['DATABASE_URL'])\n",
        ".env": f"# neonlint: ignore[NL102]\nDATABASE_URL={url}prefer\n",
    }
    outcome = run_on(tmp_path, files, "safe")
    assert sorted(finding.code for finding in outcome.report.fixed) == ["NL102", "NL903"]
    assert outcome.changes[".env"].new == f"DATABASE_URL={url}require\n".encode()
    assert codes(outcome) == []


@pytest.mark.parametrize(
    ("path", "text", "left"),
    [
        ("a.ts", "const b = 1 /* neonlint: skip[x] */ + 2\n", "const b = 1 + 2\n"),
        ("a.ts", "const b = 1/* neonlint: skip[x] */+ 2\n", "const b = 1 + 2\n"),
        ("a.ts", "  /* neonlint: skip[x] */ f()\n", "  f()\n"),
        ("a.ts", "/* neonlint: skip[x] why\n   The pool of the workers. */\nf()\n", "/* \n   The pool of the workers. */\nf()\n"),
        ("a.ts", "/**\n * Text.\n * neonlint: skip[x] y\n * @see z\n */\n", "/**\n * Text.\n * \n * @see z\n */\n"),
        ("a.ts", "f() // eslint-disable-line -- x neonlint: skip[x] y\n", "f() // eslint-disable-line -- x\n"),
        ("a.tsx", "const a = <p>{/* neonlint: skip[x] */}b</p>\n", "const a = <p>{}b</p>\n"),
        ("a.tsx", "const a = <p>{/* neonlint: skip[x] */}<b/></p>\n", "const a = <p><b/></p>\n"),
        ("a.tsx", "const a = <p>c {/* neonlint: skip[x] */} b</p>\n", "const a = <p>c {} b</p>\n"),
        ("a.tsx", "const a = () => {/* neonlint: skip[x] */}\n", "const a = () => {}\n"),
        ("a.tsx", "const a = () =>\n  {/* neonlint: skip[x] */}\n", "const a = () =>\n  {}\n"),
        ("a.ts", "f({/* neonlint: skip[x] */})\n", "f({})\n"),
        ("a.ts", "const a =\n  {/* neonlint: skip[x] */}\n", "const a =\n  {}\n"),
        ("a.tsx", "const a = (\n  <p>\n    {/* keep; neonlint: skip[x] y */}\n  </p>\n)\n",
         "const a = (\n  <p>\n    {/* keep; */}\n  </p>\n)\n"),
        ("a.ts", "/* neonlint: skip[x] */ f()\n", "f()\n"),
        ("a.java", "/**\n * Text.\n * neonlint: skip[x] y\n */\n", "/**\n * Text.\n * \n */\n"),
        ("a.java", "int a; /* neonlint: skip[x] */ int b;\n", "int a; int b;\n"),
        ("a.sql", "select 1; -- neonlint: skip[x] it's\n", "select 1;\n"),
        ("a.svelte", "<!-- neonlint: skip[x] y -->\n<p>b</p>\n", "<p>b</p>\n"),
        ("a.md", "Text <!-- neonlint: skip[x] y --> more\n", "Text more\n"),
        ("a.md", "<!-- See below. neonlint: skip[x] y -->\n", "<!-- See below. -->\n"),
        ("a.py", "x = 1  # neonlint: skip[x] y # noqa: E501\n", "x = 1  # noqa: E501\n"),
        ("a.py", "x = 1  # type: ignore[x]  # neonlint: skip[x] y\n", "x = 1  # type: ignore[x]\n"),
        ("Dockerfile", "FROM a\n# neonlint: skip[x]\n# b\nENV A=1\n", "FROM a\n# b\nENV A=1\n"),
    ],
)  # fmt: skip
def test_what_stands_around_stays(path: str, text: str, left: str, tmp_path: Path) -> None:
    """Code, prose, and what other tools are told. The word `neon.tech` makes the file worth reading."""
    before = {
        "a.md": "neon.tech\n",
        "a.sql": "-- neon.tech\n",
        "a.py": "# neon.tech\n",
        "Dockerfile": "# neon.tech\n",
        "a.svelte": "<p>neon.tech</p>\n",
    }
    head = before.get(path, "// neon.tech\n")
    outcome = run_on(tmp_path, {path: head + text}, "safe")
    assert [finding.code for finding in outcome.report.fixed] == ["NL902"]
    assert outcome.changes[path].new.decode() == head + left


WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "neonlint: ignore[NL999] why",
                "neonlint: ignore[NL311, {}]",
                "neonlint: ignore[{}] why",
                "neonlint: ignore",
            ),
            *(
                "neonlint: disable[{}]",
                "neonlint: enable[{}]",
                "neonlint: disable[NL999, NL311]",
                "neonlint: enable[x]",
            ),
            *(
                "neonlint: skip[a] b",
                "text neonlint: skip[a] b",
                "text, neonlint: ignore",
                "neonlint: file-ignore[NL902] x",
            ),
            *("neonlint: ignore[{}] neonlint: ignore[a], c", "neonlint: file-ignore[NL999] # noqa", "text"),
        ]
    ),
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(case=st.sampled_from(FILES), words=WORDS, require=st.booleans(), ending=st.sampled_from(["\n", "\r\n"]))
def test_laws_of_tidying(case: Commented, words: list[str], require: bool, ending: str) -> None:
    """Code stays to the byte, one run is enough, what is called fixable is fixed, and nothing new is said."""
    config = {"neonlint.toml": f'fixable = ["NL9"]\nrequire-reason = {str(require).lower()}\n'}
    with TemporaryDirectory() as folder:
        found = codes(run_on(Path(folder) / "plain", {case.path: case.plain()}))
        lines = "".join(f"{case.open}{one.format(', '.join(found))}{case.close}\n" for one in words)
        text = case.text.replace("{above}", lines).replace("@URL@", URL).replace("\n", ending)
        before = run_on(Path(folder) / "before", config | {case.path: text})
        outcome = run_on(Path(folder) / "fixed", config | {case.path: text}, "safe")
        left = outcome.changes[case.path].new.decode() if outcome.changes else text
        assert not run_on(Path(folder) / "again", config | {case.path: left}, "safe").changes
    assert "".join(line for line in left.splitlines(True) if "neonlint" not in line and not noted(line, case)) == (
        case.plain().replace("\n", ending)
    )
    assert not [finding for finding in outcome.report.findings if finding.fix and finding.code.startswith("NL9")]
    assert set(codes(outcome)) <= {*codes(before), *found}


def noted(line: str, case: Commented) -> bool:
    """Whether a line is a comment that has nothing for neonlint in it any more."""
    return line.strip().startswith(case.open.strip()) and ("text" in line or "noqa" in line)

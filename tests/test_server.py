"""The language server as a process, spoken to over its protocol by the client of pygls."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pygls")

from editors import PASSWORD, SECURE, URL, Editor, talk
from lsprotocol import types as lsp

from neonlint import server_files, session
from neonlint.config import Config
from neonlint.discover import FoundFile
from neonlint.engine_files import read_all
from neonlint.records import replace
from neonlint.server_files import Remembered
from neonlint.server_text import Lines, Spot, splices

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "neonlint.toml").write_text("")
    return tmp_path


def edited(text: str, action: lsp.CodeAction, uri: str) -> str:
    """The text as an editor makes the edits of an action, counting in UTF-16."""
    assert action.edit is not None
    assert action.edit.changes is not None
    starts = [0]
    for line in text.encode("utf-16-le").split("\n".encode("utf-16-le")):
        starts.append(starts[-1] + len(line) + 2)
    data = text.encode("utf-16-le")
    for edit in sorted(action.edit.changes[uri], key=lambda e: e.range.start, reverse=True):
        assert PASSWORD not in edit.new_text
        start, end = (starts[p.line] + 2 * p.character for p in (edit.range.start, edit.range.end))
        data = data[:start] + edit.new_text.encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


def test_repairs_and_reasons(project: Path) -> None:
    text = f'# 🐘\r\nA="🐘"\r\nDATABASE_URL={URL}?application_name=🐘&sslmode=require\r\n'
    (project / "app.py").write_text(
        'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\n'
    )

    async def what(client: Editor) -> None:
        uri = client.open(project / ".env", text)
        found = await client.of(uri)
        assert found
        first = found[0]
        assert first.range.start == lsp.Position(2, 0)
        assert first.code_description is not None
        assert PASSWORD not in str(found)
        actions = await client.actions(uri, first.range)
        quick = [action for action in actions if action.kind == lsp.CodeActionKind.QuickFix]
        assert quick
        assert [bool(a.is_preferred) for a in quick] == ["unsafe" not in a.title for a in quick]
        (everything,) = await client.actions(uri, first.range, ["source.fixAll"])
        repaired = edited(text, everything, uri)
        assert "\r\nDATABASE_URL=postgresql://app:" + PASSWORD in repaired
        assert repaired.count("🐘") == 3
        client.change(uri, 2, repaired)
        assert len(await client.of(uri, 2)) < len(found)
        assert not await client.actions(uri, first.range, ["source.fixAll"])
        client.change(uri, 3, text)
        await client.of(uri, 3)
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), first.range.start)
        hover = await client.text_document_hover_async(params)
        assert hover is not None
        assert isinstance(hover.contents, lsp.MarkupContent)
        assert str(first.code) in hover.contents.value
        assert PASSWORD not in hover.contents.value
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
        assert await client.of(uri) == []

    talk(project, what)
    assert not (project / ".env").exists()


def test_an_unsaved_env_file_is_read_by_the_program_beside_it(project: Path) -> None:
    app = 'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\nc.cursor().execute("LISTEN x")\n'
    (project / ".env").write_text(f"DATABASE_URL={SECURE}\n")
    (project / "app.py").write_text(app)
    pooled = SECURE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")

    async def what(client: Editor) -> None:
        python = client.open(project / "app.py", app)
        before = {d.code for d in await client.of(python)}
        env = client.open(project / ".env", f"DATABASE_URL={SECURE}\n")
        assert {d.code for d in await client.of(python)} == before
        client.change(env, 2, f"DATABASE_URL={pooled}\n")
        assert "NL401" not in before
        assert "NL401" in {d.code for d in await client.of(python)}

    talk(project, what)


LISTENS = (
    'import os\n\nimport psycopg2\n\nc = psycopg2.connect(os.environ["DATABASE_URL"])\nc.cursor().execute("LISTEN x")\n'
)
POOLED = SECURE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")


def test_what_changes_on_the_disk_is_seen_at_the_next_check(project: Path) -> None:
    """Each step is seen although the document that is open stays the same but for a comment."""
    env, settings = project / ".env", project / "neonlint.toml"
    subprocess.run(["git", "init", "-q", str(project)], check=True)
    env.write_text("A=1\n")
    (project / "other.py").write_text("x = 1\n")

    async def what(client: Editor) -> None:
        uri = client.open(project / "app.py", LISTENS)
        version = 1

        async def codes() -> set[object]:
            nonlocal version
            version += 1
            client.change(uri, version, LISTENS + f"# {version}\n")
            return {diagnostic.code for diagnostic in await client.of(uri, version)}

        assert "NL401" not in await codes()
        env.write_text(f"DATABASE_URL={POOLED}\n")
        assert "NL401" in await codes(), "a file that was written"
        stands, size = env.stat(), env.stat().st_size
        env.write_text(f"DATABASE_URL={SECURE}?x".ljust(size - 1, "x") + "\n")
        os.utime(env, ns=(stands.st_atime_ns, stands.st_mtime_ns))
        assert env.stat().st_size == size
        assert "NL401" not in await codes(), "of the same length and date"
        env.unlink()
        assert "NL401" not in await codes(), "a file that is gone"
        (project / "web" / "deep").mkdir(parents=True)
        assert "NL401" not in await codes()
        (project / "web" / "deep" / ".env").write_text(f"DATABASE_URL={POOLED}\n")
        assert "NL401" in await codes(), "a file that is new"
        (project / ".gitignore").write_text(".env\n")
        assert "NL401" in await codes(), "git-ignored env files are read, too"
        settings.write_text("scan-ignored-env = false\n")
        assert "NL401" not in await codes(), "the configuration"
        settings.write_text('ignore = ["NL401"]\n')
        assert "NL401" not in await codes(), "the configuration"
        settings.write_text("")
        assert "NL401" in await codes(), "the configuration"
        (project / "web" / "deep" / ".env").rename(project / "web" / "notes.txt")
        assert "NL401" not in await codes(), "a file that has another name"

    talk(project, what)


def test_a_file_written_elsewhere_is_told(project: Path) -> None:
    async def what(client: Editor) -> None:
        (asked,) = (await asyncio.wait_for(client.watched.get(), 30)).registrations
        assert asked.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
        uri = client.open(project / "app.py", LISTENS)
        assert "NL401" not in {diagnostic.code for diagnostic in await client.of(uri)}
        (project / ".env").write_text(f"DATABASE_URL={POOLED}\n")
        event = lsp.FileEvent((project / ".env").as_uri(), lsp.FileChangeType.Created)
        client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([event]))
        assert "NL401" in {diagnostic.code for diagnostic in await client.of(uri)}

    talk(project, what)


@pytest.mark.parametrize("name", ["shop", "tickets", "tickets-fixed"])
def test_one_run_tells_what_two_would(name: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / name, tmp_path / name)
    work = session.open_session([], Config(), tmp_path / name)
    plain, repaired, both = session.judge(work), session.judge(work, "safe"), session.judge(work, "safe", before=True)
    assert both.before is not None
    assert replace(both.before, seconds=0) == replace(plain.report, seconds=0)
    assert replace(both.report, seconds=0) == replace(repaired.report, seconds=0)
    assert {path: change.new for path, change in both.changes.items()} == {
        path: change.new for path, change in repaired.changes.items()
    }


@pytest.fixture
def old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that were written long enough ago, as the server sees it."""
    monkeypatch.setattr(server_files, "_TICK", 0)
    for name in ("a.env", "b.env", "c.env"):
        (tmp_path / name).write_text(f"DATABASE_URL={URL}\n")
    (tmp_path / "d.env").write_text("A=1\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"pg": "8.0.0"}}\n')
    return tmp_path


def test_files_that_stay_are_not_read_again(old_files: Path) -> None:
    found = [FoundFile(path.name) for path in sorted(old_files.iterdir())]
    remembered = Remembered()
    first = remembered.read(old_files, found, Config())
    changed = old_files / "b.env"
    stands = changed.stat()
    changed.write_text(f"DATABASE_URL={URL[:-2]}bd\n")
    os.utime(changed, ns=(stands.st_atime_ns, stands.st_mtime_ns))  # size and date are what they were
    again = remembered.read(old_files, found, Config())
    assert list(again.extracts) == ["a.env", "b.env", "c.env", "d.env"]
    assert {path for path in again.extracts if again.extracts[path] is not first.extracts[path]} == {"b.env"}
    assert again.manifests["package.json"] is first.manifests["package.json"]
    smaller = remembered.read(old_files, found, replace(Config(), max_file_size=10))
    assert list(smaller.extracts) == ["d.env"]
    assert not smaller.manifests
    fewer = remembered.read(old_files, found[:1], replace(Config(), max_file_size=1000))
    assert list(fewer.extracts) == ["a.env"]


def test_a_file_of_this_moment_is_read_again(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={URL}\n")
    found, remembered = [FoundFile(".env")], Remembered()
    first, again = (remembered.read(tmp_path, found, Config()).extracts[".env"] for _ in range(2))
    assert first is not again


TEXTS = st.sampled_from(["A=1\n", f"DATABASE_URL={URL}\n", f"DATABASE_URL={POOLED}\n", '{"name": "x"}\n', "\0"])
PLACES = st.sampled_from([".env", "web/.env", "package.json", "web/package.json", "fly.toml"])


@given(st.lists(st.dictionaries(PLACES, TEXTS), min_size=2, max_size=5))
def test_what_is_remembered_is_what_would_be_read(states: list[dict[str, str]]) -> None:
    """Whatever is written and taken away between checks."""
    remembered = Remembered()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "web").mkdir()
        for state in states:
            for path in root.rglob("*"):
                if path.is_file() and path.relative_to(root).as_posix() not in state:
                    path.unlink()
            for name, text in state.items():
                (root / name).write_text(text)
            files = [FoundFile(name) for name in sorted(state)]
            now, plain = remembered.read(root, files, Config()), read_all(root, files, Config(), {})
            assert list(now.extracts) == list(plain.extracts)
            for name, extract in plain.extracts.items():
                assert now.extracts[name].document.data == extract.document.data
            assert (list(now.manifests), now.signs) == (list(plain.manifests), plain.signs)
            assert list(now.layout) == list(plain.layout)


def test_a_wrong_configuration_is_said(project: Path) -> None:
    (project / "neonlint.toml").write_text('selct = ["NL1"]\n')

    async def what(client: Editor) -> None:
        client.open(project / ".env", "A=1\n")
        message = await asyncio.wait_for(client.messages.get(), 30)
        assert "selct" in message.message

    talk(project, what)


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_columns(encoding: str, column: int) -> None:
    lines = Lines("a\r\n\u2028\rb🐘c", encoding)
    assert lines.of_character(len("a\r\n\u2028\rb🐘")) == Spot(2, column)


def test_what_stays_is_in_no_change() -> None:
    old, new = f"A=1\nX={URL}?sslmode=require\n", f"A=1\nX={URL}?sslmode=verify-full&sslrootcert=system\n"
    assert PASSWORD not in "".join(splice.new for splice in splices(old, new))
    text = old
    for splice in reversed(list(splices(old, new))):
        text = text[: splice.start] + splice.new + text[splice.end :]
    assert text == new


@pytest.mark.parametrize("encodings", [None, ["utf-8"]])
def test_columns_are_in_the_units_agreed_on(project: Path, encodings: list[str] | None) -> None:
    line = 'c = psycopg2.connect(os.environ["DATABASE_URL"]); d = "🐘"; c.cursor().execute("LISTEN x")'
    pooled = SECURE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")
    (project / ".env").write_text(f"DATABASE_URL={pooled}\n")

    async def what(client: Editor) -> None:
        uri = client.open(project / "app.py", f"import os\nimport psycopg2\n{line}\n")
        (found,) = [d for d in await client.of(uri) if d.code == "NL401"]
        before = line[: line.index('"LISTEN')]
        units = len(before.encode()) if encodings else len(before.encode("utf-16-le")) // 2
        assert abs(found.range.start.character - units) <= 1
        assert found.range.start.line == 2

    talk(project, what, encodings)


def test_without_pygls() -> None:
    text = "import sys; sys.modules['pygls'] = sys.modules['lsprotocol'] = None; from neonlint.cli import main; sys.exit(main(['server']))"
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'neonlint[server]'" in done.stderr

"""Every target for every profile, runtime and role: what is generated is clean under all default rules."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from neonlint import generate
from neonlint.errors import UsageError
from neonlint.generate import Wish
from neonlint.sizing import Compute
from neonlint.targets import MODULES, load
from neonlint.targets.model import NO_PASSWORD, PROFILES, ROLES, RUNTIMES, Profile, Role, Runtime, Target

PASSWORD = "npg_Zq8rT5vW2xYk"
SOURCE = f"postgresql://app_user:{PASSWORD}@ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech/shop"
#: As people have it: an old scheme, no TLS, pooled, with a parameter of somebody else's.
MESSY = f"postgres://app_user:{PASSWORD}@ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech:5432/shop?pgbouncer=true&sslmode=disable"


def served() -> Iterator[tuple[str, Profile, Runtime, Role]]:
    for name in MODULES:
        target = load(name)
        yield from itertools.product([name], PROFILES, target.runtimes, target.roles)


@pytest.mark.parametrize(("name", "profile", "runtime", "role"), list(served()), ids=str)
@pytest.mark.parametrize("source", [None, SOURCE, MESSY], ids=["placeholder", "string", "messy string"])
def test_what_is_generated_is_clean(
    name: str, profile: Profile, runtime: Runtime, role: Role, source: str | None
) -> None:
    target = load(name)
    plain = generate.generate(target, source, Wish(profile, runtime, role))
    assert not plain.findings, [(f.path, f.code, f.message) for f in plain.findings]
    assert plain.output.files
    sized = generate.generate(target, source, Wish(profile, runtime, role, Compute(0.25, 2), 8, 60))
    assert not sized.findings, [(f.path, f.code, f.message) for f in sized.findings]
    for output in (plain.output, sized.output):
        assert PASSWORD not in str([file.text for file in output.files])
        assert not source or PASSWORD not in str(output)
        urls = [v.value for v in output.variables if "://" in v.value and not v.value.startswith("jdbc:")]
        assert all(NO_PASSWORD in url for url in urls)
    assert [file.text for file in plain.output.files] == [
        file.text for file in target.render(generate.plan_of(target, source, Wish(profile, runtime, role))).files
    ], "the target prints what the repairs would make of it"


@pytest.mark.parametrize(("name", "profile", "runtime", "role"), list(served()), ids=str)
def test_code_and_its_environment_are_clean_together(name: str, profile: Profile, runtime: Runtime, role: Role) -> None:
    """With the secret, a dotenv file stands beside the code, and rules see which driver reads which URL."""
    made = generate.generate(load(name), SOURCE, Wish(profile, runtime, role, with_secret=True))
    assert not made.findings, [(f.path, f.code, f.message) for f in made.findings]
    holders = [file for file in made.output.files if PASSWORD in file.text]
    assert all(file.private for file in holders), "a password stands only in files made for it"


@pytest.mark.parametrize("name", MODULES)
def test_what_a_target_does_not_serve_it_says(name: str) -> None:
    target = load(name)
    assert target.name == name
    for wish in [Wish(runtime=r) for r in RUNTIMES if r not in target.runtimes] + [
        Wish(role=r) for r in ROLES if r not in target.roles
    ]:
        with pytest.raises(UsageError, match=f"`{name}` is not for"):
            generate.generate(target, None, wish)


@pytest.mark.parametrize("name", MODULES)
def test_a_target_says_where_its_facts_come_from(name: str) -> None:
    target: Target = load(name)
    assert target.references and all(reference.startswith("https://") for reference in target.references)
    assert target.summary.endswith(".") and target.title


@pytest.mark.parametrize("name", MODULES)
def test_pooled_and_direct_never_diverge(name: str) -> None:
    """What is generated from the pooled string is what is generated from the direct one."""
    target = load(name)
    pooled = SOURCE.replace("a1b2c3d4.", "a1b2c3d4-pooler.")
    assert generate.generate(target, pooled, Wish()).output == generate.generate(target, SOURCE, Wish()).output


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("role", ROLES)
def test_the_role_decides_on_the_pooler(name: str, role: Role) -> None:
    """Where a value names the host at all, the application's goes through the pooler, and no other."""
    target = load(name)
    if role not in target.roles:
        return
    plan = generate.plan_of(target, SOURCE, Wish(role=role))
    assert ("-pooler." in plan.link.url()) == (role == "app")


#: Where a name needs no value: a warning about it, a secret of the platform, a value that the workflow makes itself.
NAMED_ONLY = {("rails", "DATABASE_URL"), ("cloudflare", "DATABASE_URL"), ("aws-lambda", "DATABASE_URL_SECRET_ID")}


@pytest.mark.parametrize(("name", "profile", "runtime", "role"), list(served()), ids=str)
def test_each_url_that_is_named_is_given(name: str, profile: Profile, runtime: Runtime, role: Role) -> None:
    """A variable that a file or a note tells of is among the variables, or a file sets it."""
    output = generate.generate(load(name), SOURCE, Wish(profile, runtime, role)).output
    text = "\n".join([*(file.text for file in output.files), *output.notes])
    set_by_files = set(re.findall(r"^ *(DATABASE_URL\w*)(?:=|: \$\{\{ steps)", text, re.MULTILINE))
    given = {variable.name for variable in output.variables} | set_by_files
    missing = set(re.findall(r"\bDATABASE_URL\w*", text)) - given
    assert not {(name, word) for word in missing} - NAMED_ONLY


@pytest.mark.parametrize(("name", "profile", "runtime", "role"), list(served()), ids=str)
def test_only_libpq_is_told_of_the_system_store(name: str, profile: Profile, runtime: Runtime, role: Role) -> None:
    """No URL for a driver that is not known names it, and where the environment does, a note says for whom."""
    if name not in ("env", "docker-compose", "github-actions"):
        return
    output = generate.generate(load(name), SOURCE, Wish(profile, runtime, role)).output
    assert "sslrootcert=system" not in str(output.variables)
    named = any("PGSSLROOTCERT" in file.text for file in output.files)
    assert named == (profile == "strict") == any("asyncpg" in note for note in output.notes)

"""Neon host names: every form that they have, forms that only look alike, and the laws of moving `-pooler`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neonlint.ir.endpoint import Endpoint, parse, repair_pooler, with_pooler
from neonlint.ir.source import hole

DIRECT = "ep-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech"
POOLED = "ep-cool-rain-a1b2c3d4-pooler.us-east-2.aws.neon.tech"
ID = "ep-cool-rain-a1b2c3d4"

_word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=7).filter(lambda w: w != "pooler")
_suffix = st.one_of(
    st.text("0123456789", min_size=6, max_size=6),
    st.text("0123456789", min_size=8, max_size=8),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=8, max_size=8),
)
_ids = st.builds(
    lambda words, suffix: "-".join(["ep", *words, suffix]), st.lists(_word, min_size=2, max_size=3), _suffix
)
_domains = st.one_of(
    st.builds(
        lambda cell, region: f"{cell}{region}.neon.tech",
        st.sampled_from(["", "c-2.", "c-10."]),
        st.sampled_from(["us-east-2.aws", "ap-southeast-1.aws", "eastus2.azure", "gwc.azure"]),
    ),
    st.sampled_from(["us-east-1.postgres.vercel-storage.com", "eu-central-1.pg.koyeb.app", "us-west-2.retooldb.com"]),
)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (DIRECT, Endpoint("compute", ID, region="us-east-2", cloud="aws")),
        (POOLED, Endpoint("compute", ID, pooled=True, region="us-east-2", cloud="aws")),
        (POOLED.upper() + ".", Endpoint("compute", ID, pooled=True, region="us-east-2", cloud="aws")),
        (
            "ep-cool-rain-123456.c-10.us-east-1.aws.neon.tech",
            Endpoint("compute", "ep-cool-rain-123456", cell="c-10", region="us-east-1", cloud="aws"),
        ),
        (
            "ep-cool-rain-12345678-pooler.gwc.azure.neon.tech",
            Endpoint("compute", "ep-cool-rain-12345678", pooled=True, region="gwc", cloud="azure"),
        ),
        (
            f"{ID}.c-1.us-east-2.aws.neon.build",
            Endpoint("compute", ID, cell="c-1", region="us-east-2", cloud="aws", staging=True),
        ),
        (
            f"{ID}-pooler.us-east-1.postgres.vercel-storage.com",
            Endpoint("compute", ID, True, region="us-east-1", cloud="aws", brand="postgres.vercel-storage.com"),
        ),
        (
            f"{ID}.us-east-1.retooldb.com",
            Endpoint("compute", ID, region="us-east-1", cloud="aws", brand="retooldb.com"),
        ),
        ("br-cool-rain-a1b2c3d4.us-east-2.aws.neon.tech", Endpoint("branch", "br-cool-rain-a1b2c3d4")),
        (f"{ID}.us-central1.gcp.neon.tech", Endpoint("neon-other", ID)),  # a cloud that Neon may add
        (f"{ID}.us-east-2.aws.neon.com", Endpoint("neon-other", ID)),
    ],
)
def test_what_a_host_says(host: str, expected: Endpoint) -> None:
    assert parse(host) == expected


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("pg.neon.tech", "interactive"),
        (f"{ID}.neonauth.us-east-2.aws.neon.tech", "http"),
        (f"{ID}.neonauth.c-2.us-east-2.aws.neon.tech", "http"),
        (f"{ID}.apirest.us-east-2.aws.neon.tech", "http"),
        ("api.us-east-2.aws.neon.tech", "http"),
        ("apiauth.us-east-2.aws.neon.tech", "http"),
        ("console.neon.tech", "http"),
        ("db.localtest.local.neon.build", "local"),
        ("localhost", "local"),
        ("127.0.0.1", "local"),
        ("[::1]", "local"),
        ("/var/run/postgresql", "local"),
        ("", "local"),
        ("postgres", "local"),
        ("host.docker.internal", "local"),
        ("203.0.113.7", "ip"),
        ("[2600:1f18::1]", "ip"),
        ("vpce-0a1b.vpce-svc-0c.us-east-2.vpce.amazonaws.com", "other"),
        ("aws-0-us-east-1.pooler.supabase.com", "other"),
        ("ep-xxx.us-east-2.aws.neon.tech", "placeholder"),
        ("ep-your-endpoint.us-east-2.aws.neon.tech", "placeholder"),
        ("ep-....us-east-2.aws.neon.tech", "placeholder"),
        ("ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech", "placeholder"),
        ("host.neon.tech", "placeholder"),
        ("ep-mystic-rain-a1b2c3d4.us-east-2.aws.neon.tech", "compute"),  # begins like `ep-my…`
        ("ep-somber-hostel-a1b2c3d4.us-east-2.aws.neon.tech", "compute"),
        ("evil-neon.tech", "other"),
        ("neon.tech.attacker.org", "other"),
    ],
)
def test_kinds(host: str, kind: str) -> None:
    assert parse(host).kind == kind


@pytest.mark.parametrize(
    "host",
    [
        ID,
        f"{ID}-pooler",
        f"{ID}.neon.tech",
        f"{ID}.us-east-2",
        f"{ID}.us-east-2.aws",
        f"{ID}.us-east-2.aws.neon",
        f"{ID}.us-east-2.neon.tech",
        f"{ID}.aws.neon.tech",
        f"{ID}.c-2.aws.neon.tech",
        f"{ID}.neon.com",
    ],
)
def test_truncated(host: str) -> None:
    found = parse(host)
    assert (found.truncated, found.neon, found.id) == (True, False, ID)


@pytest.mark.parametrize(
    "host",
    [
        f"{ID}.us-east-2-pooler.aws.neon.tech",
        f"{ID}.us-east-2.aws-pooler.neon.tech",
        f"{ID}.us-east-2.aws.neon-pooler.tech",
        f"{ID}.us-east-2.aws.neon.tech-pooler",
        f"{ID}.-pooler.us-east-2.aws.neon.tech",
        f"{ID}-pooler-pooler.us-east-2.aws.neon.tech",
        f"{ID}-pooler.us-east-2-pooler.aws.neon.tech",
        "ep-cool-rain-pooler-a1b2c3d4.us-east-2.aws.neon.tech",
    ],
)
def test_misplaced_pooler(host: str) -> None:
    found = parse(host)
    assert (found.kind, found.pooled, found.misplaced_pooler, found.id) == ("compute", True, True, ID)
    assert repair_pooler(host) == POOLED


@pytest.mark.parametrize(
    ("host", "pooled", "unseen", "id_"),
    [
        (f"{hole(0)}-pooler.us-east-2.aws.neon.tech", True, False, None),
        (f"{ID}.{hole(0)}.aws.neon.tech", False, False, ID),
        (f"{ID}{hole(0)}.us-east-2.aws.neon.tech", False, True, None),
        (f"{hole(0)}.us-east-2.aws.neon.tech", False, True, None),
    ],
)
def test_hosts_with_holes_say_what_is_literal(host: str, pooled: bool, unseen: bool, id_: str | None) -> None:
    found = parse(host)
    assert (found.kind, found.partial) == ("compute", True)
    assert (found.pooled, found.unseen, found.id) == (pooled, unseen, id_)


def test_a_host_that_is_all_hole_says_nothing() -> None:
    assert not parse(hole(0)).neon
    assert not parse(f"{hole(0)}.neonauth.us-east-2.aws.neon.tech").neon


@given(_ids, _domains, st.booleans())
def test_every_well_formed_host_is_read(id_: str, domain: str, pooled: bool) -> None:
    found = parse(with_pooler(f"{id_}.{domain}", pooled))
    if found.kind != "placeholder":
        assert (found.kind, found.id, found.pooled) == ("compute", id_, pooled)
        assert not found.misplaced_pooler
        assert not found.truncated


@given(_ids, _domains, st.booleans(), st.booleans())
def test_with_pooler_laws(id_: str, domain: str, first: bool, second: bool) -> None:
    host = f"{id_}.{domain}"
    once = with_pooler(host, first)
    assert with_pooler(once, first) == once
    assert with_pooler(once, second) == with_pooler(host, second)
    assert with_pooler(once, pooled=False) == host


@given(_ids, _domains, st.data())
def test_repair_pooler_brings_any_misplacement_home(id_: str, domain: str, data: st.DataObject) -> None:
    labels = f"{id_}.{domain}".split(".")
    at = data.draw(st.integers(0, len(labels) - 1))
    times = data.draw(st.integers(1, 3))
    labels[at] += "-pooler" * times
    repaired = repair_pooler(".".join(labels))
    assert repaired == with_pooler(f"{id_}.{domain}", pooled=True)
    assert repair_pooler(repaired) == repaired


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(parse(text), Endpoint)
    repaired = repair_pooler(text)
    if repaired is not None:
        assert repair_pooler(repaired) in (repaired, None)

"""Where platforms are told to run code so that it is near to the database."""

from __future__ import annotations

import pytest

from neonlint.ir.endpoint import parse
from neonlint.platforms.regions import NEON, of_endpoint

AZURE = ("eastus2", "gwc", "westus3")


@pytest.mark.parametrize(
    ("region", "vercel", "cloudflare"),
    [
        ("us-east-1.aws", "iad1", "aws:us-east-1"),
        ("us-east-2.aws", "cle1", "aws:us-east-2"),
        ("eastus2.azure", "iad1", "azure:eastus2"),
        ("gwc.azure", "fra1", "azure:germanywestcentral"),
        ("westus3.azure", None, "azure:westus3"),
        ("your-region.aws", None, None),
    ],
)
def test_the_nearest_region(region: str, vercel: str | None, cloudflare: str | None) -> None:
    endpoint = parse(f"ep-cool-rain-a1b2c3d4.{region}.neon.tech")
    assert (of_endpoint(endpoint, "vercel"), of_endpoint(endpoint, "cloudflare")) == (vercel, cloudflare)


@pytest.mark.parametrize("region", NEON)
def test_every_region_of_neon_is_near_to_cloudflare(region: str) -> None:
    host = f"ep-cool-rain-a1b2c3d4.{region}.{'azure' if region in AZURE else 'aws'}.neon.tech"
    assert of_endpoint(parse(host), "cloudflare")

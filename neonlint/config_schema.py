"""The JSON Schema of a configuration file, for editors and other tools."""

from __future__ import annotations

from typing import Any

from neonlint.config_model import Model


def json_schema() -> dict[str, Any]:
    """The schema, made from the model. What it cannot say (rules that do not exist, versions) a run complains about."""
    whole = Model.model_json_schema()
    for one in whole["properties"].values():
        _tidy(one)
    about = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "neonlint.toml"}
    return about | {key: value for key, value in whole.items() if key not in ("title", "description")}


def _tidy(one: dict[str, Any]) -> None:
    """Take out of a setting's schema what TOML cannot say: there is no null."""
    one.pop("title", None)
    if one.get("default", "") is None:
        del one["default"]
    kinds = [kind for kind in one.pop("anyOf", ()) if kind != {"type": "null"}]
    one.update(kinds[0] if len(kinds) == 1 else {"anyOf": kinds} if kinds else {})
    if "patternProperties" in one:
        one["additionalProperties"] = False

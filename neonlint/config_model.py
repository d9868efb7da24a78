"""The shape of a configuration file, checked with pydantic: every setting with its type, its description and what may
be written. Knows settings by name, no rule.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema

from neonlint.config import MIB, Config, FailOn, Level, OutputFormat, Role, Runtime
from neonlint.config_layers import Layer
from neonlint.config_values import OF_FILES, complaint, compute, size
from neonlint.config_version import parse
from neonlint.sizing import Compute

#: What may be written instead of the names that exist.
_KINDS = {
    "extra_forbidden": "unknown key",
    "string_pattern_mismatch": "not the name of an environment variable (letters, digits and `_`)",
    "tuple_type": 'write a list, such as ["…"]',
    "string_type": "write a text in quotes",
    "bool_type": "write true or false",
    "dict_type": "write a table",
}


def _version(value: object) -> object:
    return parse(value) and value if isinstance(value, str) else value


_Text = Annotated[str, StringConstraints(min_length=1)]
_Rule = Annotated[str, StringConstraints(min_length=1, max_length=100)]
_Rules = Annotated[tuple[_Rule, ...], Field(strict=False)]
_Texts = Annotated[tuple[_Text, ...], Field(strict=False)]
_Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_ComputeSize = Annotated[
    Compute,
    BeforeValidator(compute),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9.]+(-[0-9.]+)?( *[Cc][Uu])?$"}]}
    ),
]
_Bytes = Annotated[
    int,
    BeforeValidator(size),
    Field(gt=0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "exclusiveMinimum": 0},
                {"type": "string", "pattern": "^[0-9]+ *([KkMm]?[Bb]|[KkMmGg][Ii][Bb])?$"},
            ]
        }
    ),
]
_Requirement = Annotated[str, BeforeValidator(_version)]


def _key(name: str) -> str:
    return name.replace("_", "-")


class Model(BaseModel):
    """A configuration file, key by key. Every key is optional; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=_key)

    extend: _Text | None = Field(
        default=None,
        description="Another configuration file, relative to this one, whose settings count where this one says "
        "nothing. Lists are replaced, but for `extend-select`, `extend-exclude` and `extend-rules`, which grow; "
        "of tables the entries are joined.",
        examples=["../neonlint.toml"],
    )
    required_version: _Requirement | None = Field(
        default=None,
        description="The versions of neonlint that this file is for; any other refuses to run.",
        examples=[">=0.1,<2"],
    )
    select: _Rules = Field(default=(), description="Only these rules; with none named, all of them.")
    extend_select: _Rules = Field(default=(), description="These rules besides those that `select` names.")
    ignore: _Rules = Field(default=(), description="Without these rules, whatever selects them.")
    fixable: _Rules = Field(
        default=(), description="Only the fixes of these rules are made; with none named, those of all."
    )
    unfixable: _Rules = Field(default=(), description="The fixes of these rules are not made.")
    extend_rules: _Texts = Field(
        default=(), description="Folders and files of rules of your own, relative to this file."
    )
    exclude: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=Config().exclude,
        description="What a search of directories leaves out. A pattern without a slash names a file or directory "
        "anywhere; one with a slash starts at this directory. Setting it replaces this list.",
    )
    extend_exclude: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="What it leaves out besides."
    )
    suspend_seconds: int | None = Field(
        default=None,
        ge=-1,
        description="After how many idle seconds your compute suspends (this is Neon's default); -1 if it never does. "
        "Connections in a pool should be given up earlier.",
        examples=[300],
    )
    compute_size: _ComputeSize | None = Field(
        default=None,
        description="The size of your compute in CU, or its smallest and largest where it autoscales. With it the "
        "sizes of pools are judged, too; there is no default.",
        examples=["0.25-2"],
    )
    scan_ignored_env: bool = Field(
        default=True,
        description="Whether git-ignored env files are checked. The live connection string usually stands in one.",
    )
    max_file_size: _Bytes = Field(
        default=MIB, description="Larger files are not read, and reported as not read.", examples=["1MiB"]
    )
    fail_on: FailOn = Field(
        default="warning", description="The mildest severity that fails a run: error, warning, info or never."
    )
    output_format: OutputFormat = Field(
        default="full",
        description="How findings are printed: full, concise, grouped, json, json-lines, sarif, github, gitlab, "
        "junit, rdjson or markdown.",
    )
    baseline: str | None = Field(
        default=None,
        description='The findings that are let pass, made by `neonlint baseline create`; "" for none.',
        examples=[".neonlint-baseline.toml"],
    )
    strict_baseline: bool = Field(
        default=False, description="Whether what the baseline has and is no longer found is a finding (NL904), too."
    )
    require_reason: bool = Field(
        default=False, description="Whether a comment that suppresses a finding must say why (NL903)."
    )
    per_file_ignores: dict[_Text, _Rules] = Field(
        default={}, description="Rules that do not count in some files.", examples=[{"tests/**": ["NL2"]}]
    )
    severity: dict[_Rule, Level] = Field(
        default={},
        description="Other severities, by rule or family: error, warning, info or off. The longest name counts.",
        examples=[{"NL105": "off"}],
    )
    assume: dict[_Variable, str] = Field(
        default={},
        description="Environment variables that your platform sets where no file can say so; no secrets here.",
        examples=[{"PGSSLMODE": "verify-full"}],
    )
    roles: dict[_Text, Role] = Field(
        default={},
        description="What connections are for, by the name of a variable or by the path of the file that uses it: "
        "runtime, migration, admin, replication, test or docs.",
        examples=[{"tools/backfill/**": "admin"}],
    )
    runtimes: dict[_Text, Runtime] = Field(
        default={},
        description="Where code runs, by the name of a variable or by path: serverless, edge, long-lived or browser.",
        examples=[{"services/worker/**": "long-lived"}],
    )


def checked(layer: Layer) -> dict[str, Any]:
    """What one source of settings sets, by field of `Config`, as it is written. Raises as `config_values.values_of`."""
    try:
        model = Model.model_validate(dict(layer.table))
    except ValidationError as errors:
        raise complaint(layer, "\n".join(_complaint(dict(error), layer) for error in errors.errors())) from None
    return {name: getattr(model, name) for name in model.model_fields_set if name not in OF_FILES}


def _complaint(error: dict[str, Any], layer: Layer) -> str:
    """One line for one error; never the value itself, which may be a secret in [assume]."""
    keys = [str(part) for part in error["loc"] if not isinstance(part, int) and part != "[key]"]
    place = layer.place(*keys)
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key `{keys[-1]}`; {_nearest(keys[-1])}"
    cause = _KINDS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: `{'.'.join(keys)}`: {cause[:1].lower()}{cause[1:]}"


def _nearest(key: str) -> str:
    if key in ("tool", "neonlint"):
        return "only in a pyproject.toml do settings stand in [tool.neonlint]; write them at the top"
    known = [_key(name) for name in Model.model_fields]
    near = difflib.get_close_matches(_key(key.lower()), known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known keys are {', '.join(known)}"

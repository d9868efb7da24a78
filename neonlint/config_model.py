"""The shape of a configuration file, checked with pydantic. Knows settings by name, no rule."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from neonlint.config import Config, FailOn, Level, OutputFormat, Role, Runtime
from neonlint.config_globs import anchored
from neonlint.errors import ConfigError, UsageError
from neonlint.sizing import Compute

_UNITS = {"": 1, "B": 1, "KB": 1000, "MB": 1000**2, "KIB": 1024, "MIB": 1024**2, "GIB": 1024**3}
_SIZE = re.compile(r"(\d{1,12})\s*([A-Za-z]*)")
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Pattern = Annotated[str, StringConstraints(min_length=1)]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
RuleIds = tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...]
#: What may be written instead of the names that exist.
_KINDS = {
    "extra_forbidden": "unknown key",
    "string_pattern_mismatch": "not the name of an environment variable (letters, digits and `_`)",
}


class Model(BaseModel):
    """A configuration file, key by key. Every key is optional; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, alias_generator=lambda name: name.replace("_", "-"))

    select: RuleIds = Field(default=(), strict=False)
    ignore: RuleIds = Field(default=(), strict=False)
    fixable: RuleIds = Field(default=(), strict=False)
    unfixable: RuleIds = Field(default=(), strict=False)
    exclude: tuple[str, ...] | None = Field(default=None, strict=False)
    extend_exclude: tuple[str, ...] = Field(default=(), strict=False)
    per_file_ignores: dict[str, Annotated[RuleIds, Field(strict=False)]] = {}
    severity: dict[str, Level] = {}
    assume: dict[EnvironmentName, str] = {}
    roles: dict[Pattern, Role] = {}
    runtimes: dict[Pattern, Runtime] = {}
    suspend_seconds: int | None = Field(default=None, ge=-1)
    compute_size: Compute | None = None
    scan_ignored_env: bool = True
    max_file_size: int = Field(default=Config().max_file_size, gt=0)
    fail_on: FailOn = "warning"
    output_format: OutputFormat = "full"
    extend_rules: tuple[Annotated[str, StringConstraints(min_length=1)], ...] = Field(default=(), strict=False)
    baseline: str | None = None
    strict_baseline: bool = False
    require_reason: bool = False

    @field_validator("compute_size", mode="before")
    @classmethod
    def _compute(cls, value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return value
        try:
            return Compute.parse(value if isinstance(value, str) else f"{value:g}")
        except UsageError as error:
            raise ValueError(str(error)) from None

    @field_validator("max_file_size", mode="before")
    @classmethod
    def _size(cls, value: object) -> object:
        return parse_size(value) if isinstance(value, str) else value


def parse_size(text: str) -> int:
    """Bytes from `1048576`, `1MiB` or `500 kB`; raises ValueError for anything else."""
    found = _SIZE.fullmatch(text.strip())
    if not found or found[2].upper() not in _UNITS:
        raise ValueError("write a number of bytes, or a number with KiB or MiB, such as 1MiB")
    return int(found[1]) * _UNITS[found[2].upper()]


def build(table: dict[str, Any], path: Path, text: str) -> Config:
    """The settings of one file. Raises ConfigError with file, line, cause and the nearest known name."""
    try:
        model = Model.model_validate(table)
        return _config(model, path)
    except ValidationError as errors:
        raise ConfigError("\n".join(_complaint(dict(error), path, text) for error in errors.errors())) from None
    except UsageError as error:
        raise ConfigError(f"{path}: {error}") from None


def _config(model: Model, path: Path) -> Config:
    base = path.absolute().parent.as_posix()
    values = model.model_dump()
    if values["exclude"] is None:
        del values["exclude"]
    for key in ("exclude", "extend_exclude"):
        if key in values:
            values[key] = tuple(anchored(pattern, base) for pattern in values[key])
    if values["extend_rules"]:
        values["extend_rules"] = tuple(str(path.absolute().parent / name) for name in values["extend_rules"])
    if values["baseline"]:
        values["baseline"] = str(path.absolute().parent / values["baseline"])
    values["per_file_ignores"] = {anchored(key, base): rules for key, rules in values["per_file_ignores"].items()}
    for key in ("roles", "runtimes"):
        values[key] = {_declared(name, base): kind for name, kind in values[key].items()}
    values["compute_size"] = model.compute_size
    return Config(**values, source=str(path))


def _declared(name: str, base: str) -> str:
    """What a role or runtime is declared for: the name of a variable as it is, a path pattern as an absolute one."""
    return name if _NAME.fullmatch(name) else anchored(name, base)


def _complaint(error: dict[str, Any], path: Path, text: str) -> str:
    """One line for one error; never the value itself, which may be a secret in [assume]."""
    keys = [str(part) for part in error["loc"] if not isinstance(part, int) and part != "[key]"]
    place = f"{path}:{_row(text, keys)}"
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key `{keys[-1]}`; {_nearest(keys[-1])}"
    cause = _KINDS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
    return f"{place}: `{'.'.join(keys)}`: {cause[:1].lower()}{cause[1:]}"


def _nearest(key: str) -> str:
    known = [field.alias or name for name, field in Model.model_fields.items()]
    near = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1)
    return f"did you mean `{near[0]}`?" if near else f"known keys are {', '.join(known)}"


def _row(text: str, keys: Sequence[str]) -> int:
    """The 1-based line that names the innermost of `keys`, at or behind the line that names the outer ones; else 1."""
    row, lines = 1, text.splitlines()
    for key in keys:
        name = re.escape(key)
        spelled = re.compile(rf"^\s*\[?[\w.\-\"' ]*(?<![\w-]){name}(?![\w-])|[{{,]\s*[\"']?{name}[\"']?\s*=")
        row = next((at for at, line in enumerate(lines[row - 1 :], row) if spelled.search(line)), row)
    return row

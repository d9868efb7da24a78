"""Pieces that several targets are written with: comments, dotenv and shell quoting, indentation."""

from __future__ import annotations

from collections.abc import Iterable

from neonlint.errors import UsageError
from neonlint.records import replace
from neonlint.targets.model import DIRECT, POOLED, Plan, Variable


def comment(lines: Iterable[str], mark: str = "#") -> str:
    """Whole comment lines, each with its line end."""
    return "".join(f"{mark} {line}".rstrip() + "\n" for line in lines)


def why(plan: Plan, mark: str = "#", by: int = 0) -> str:
    """The arithmetic behind the pool's size as comment lines, with `by` spaces in front; empty where there is none."""
    return comment(plan.pool.why, " " * by + mark)


def dotenv(variables: Iterable[Variable]) -> str:
    """A dotenv file. Values stand in double quotes, which every dotenv reader takes, and in single ones where the value
    itself holds what double quotes would expand. Raises UsageError for a value that no quotes can hold."""
    lines = []
    for name, value, about in variables:
        lines += [f"# {about}"] if about else []
        mark = "'" if any(letter in value for letter in '"$`\\') else '"'
        if mark in value:
            raise UsageError(
                f"no dotenv reader is sure to take the value of {name}, which holds ' beside one of \" $ ` \\; run"
                " without --with-secret and set the variable by other means"
            )
        lines.append(f"{name}={mark}{value}{mark}")
    return "\n".join(lines) + "\n"


def shell_quoted(value: str) -> str:
    """One word for a POSIX shell."""
    return "'" + value.replace("'", "'\\''") + "'"


def url_variables(plan: Plan, scheme: str = "postgresql") -> tuple[Variable, ...]:
    """The pooled URL for the application; for other roles the direct one."""
    return (url_variable(plan, plan.app, scheme),)


def url_variable(plan: Plan, pooled: bool, scheme: str = "postgresql") -> Variable:
    """The variable of the pooled or of the direct URL."""
    if pooled:
        return Variable(POOLED, plan.pooled.url(scheme), "through the pooler: for the application")
    return Variable(DIRECT, plan.direct.url(scheme), "direct: for migrations, dumps and sessions that keep state")


def without(plan: Plan, *names: str) -> Plan:
    """The plan with these parameters taken out of both connection strings."""
    gone = dict.fromkeys(names)
    return replace(plan, pooled=plan.pooled.with_params(**gone), direct=plan.direct.with_params(**gone))

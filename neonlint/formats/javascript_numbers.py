"""Numbers in JavaScript: literals and the arithmetic that people write for milliseconds. Knows no names."""

from __future__ import annotations

from neonlint.ir.source import Scalar, Span, Unknown, Value

_LONGEST = 40
_LARGEST = 1 << 40


def literal(text: str, where: Span) -> Value:
    """A number as it is written: `60_000`, `0x1f`, `1e3`."""
    plain = text.replace("_", "")
    if len(plain) > _LONGEST or plain.endswith("n"):
        return Unknown("a number that is not read", where)
    try:
        return Scalar(int(plain, 0) if plain[:2].lower() in ("0x", "0o", "0b") else _decimal(plain), where)
    except ValueError:
        return Unknown("a number that cannot be read", where)


def _decimal(text: str) -> int | float:
    return int(text) if text.isdecimal() else float(text)


def arithmetic(operator: str, left: Value, right: Value) -> int | float | None:
    """`30 * 1000` worked out; None where a side is no number in sight."""
    a, b = _number(left), _number(right)
    if a is None or b is None or max(abs(a), abs(b)) > _LARGEST:
        return None
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return a / b if b else None


def _number(value: Value) -> int | float | None:
    found = value.value if isinstance(value, Scalar) else None
    return found if isinstance(found, (int, float)) and not isinstance(found, bool) else None

"""Passwords. A `Secret` answers questions about itself and has no text form."""

from __future__ import annotations

import re

from neonlint.ir.source import has_hole
from neonlint.regex import regex

#: Whole values that stand for "put your password here"; compared whole, because a substring test hides real passwords.
_PLACEHOLDER = regex(
    r"""
      (?:your|my|the|db|database|neon|user|some|super|very|secure|strong|actual|real|role|new|old|test|example|sample
         |dummy|fake|pg|postgres)?
        [-_ ]?(?:db|database|neon|secret|user|role|super)?
        [-_ ]?(?:passwords?|passwd|pass|pwd|pw|secret|token)(?:[-_ ]?(?:here|123|1234|value|string))?
    | (.)\1{2,}                     # xxx, ****, .....
    | <.*> | \[.*\] | \{.*\} | %[^%]+% | %s | %\([^)]*\)s | \$\{.*\}+ | \$\(.*\) | \$[a-z_]+ | \#\{.*
    | \.\.\. | …+ | .*\.\.\. | redacted | hidden | masked | removed | omitted
    | changeme | change[-_]?(?:me|this).* | change[-_]?it | todo | fixme | placeholder | none | null | undefined
    | user | username | root | admin | test(?:ing)? | demo | dummy | fake | sample | local | dev | neon(?:db)? | npg
    | postgres(?:ql)? | p | pw | s3cret | s3cr3t | secret | example | abc123 | 1234{1,2}5?6? | 12345678 | hunter2
    | foo | bar | baz | foobar | mypass(?:word)? | p[a@][s$][s$]w[o0]rd(?:1|12|123|1234)?!? | pass123 | secret123
    | admin123 | letmein | qwerty | abc123def            # the last is the password in Neon's own samples
    | your[-_ ].* | yours? | [a-z]+_here | goes[-_ ]?here | (?:sk|npg)_?\.\.\. | npg_[x.*]+
    | npg_(?:your|my|example|secret|password|abc123|placeholder|redacted|fake|test|dummy|sample).*
    | replace[-_ ]?(?:me|with|this).* | insert[-_ ].* | enter[-_ ].* | add[-_ ].*
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Those of them that nobody types as a password: they visibly ask to be replaced.
_TEMPLATE = regex(
    r"""
      <.*> | \[.*\] | \{.*\} | %[^%]+% | (?:your|the)[-_ ]?(?:\w+[-_ ])?passw(?:or)?d(?:[-_ ]?here)? | your[-_ ].*
    | (.)\1{2,} | .*\.\.\. | …+ | [a-z]+_here | change[-_]?(?:me|this|it).* | replace[-_ ].* | insert[-_ ].*
    | enter[-_ ].* | npg_[x.*]+ | redacted | placeholder
    """,
    re.IGNORECASE | re.VERBOSE,
)
#: Neon takes only passwords of at least 60 bits (neon.com/docs/security/security-overview); 7 characters hold 46.
_SHORTEST = 8
_NEON = regex(r"npg_[A-Za-z0-9]{12,}")
_RANDOM = regex(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{12,64}")
_HACK = regex(r"(?:endpoint|project)=(?P<id>[^;$]+)[;$]", re.IGNORECASE)


class Secret:
    """A password as it stands in a file. It cannot be printed, formatted, compared, hashed or pickled."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return "***"

    def __reduce__(self) -> str:
        raise TypeError("a secret is never serialised")

    __hash__ = None  # type: ignore[assignment]

    @property
    def empty(self) -> bool:
        """Whether nothing is written."""
        return not self.__text

    @property
    def seen(self) -> bool:
        """Whether all of it is literal."""
        return not has_hole(self.__text)

    @property
    def __without_endpoint(self) -> str:
        """The password itself, behind the `endpoint=<id>;` of the password workaround."""
        match = _HACK.match(self.__text)
        return self.__text[match.end() :] if match else self.__text

    @property
    def placeholder(self) -> bool:
        """Whether it stands for "put your password here" (the whole value, case-insensitively)."""
        return self.empty or bool(_PLACEHOLDER.fullmatch(self.__without_endpoint))

    @property
    def template(self) -> bool:
        """Whether it visibly asks to be replaced (`<password>`, `your_password`, `****`), unlike `secret` or `pw`."""
        return bool(_TEMPLATE.fullmatch(self.__text))

    @property
    def too_short(self) -> bool:
        """Whether Neon would not have accepted it."""
        return len(self.__text) < _SHORTEST

    @property
    def neon_made(self) -> bool:
        """Whether it has the form that Neon's console generates: `npg_` and at least 12 alphanumerics."""
        return bool(_NEON.fullmatch(self.__without_endpoint)) and not self.placeholder

    @property
    def generated(self) -> bool:
        """Whether it looks generated: `neon_made`, or in the older form: twelve and more letters (Aa) and digits."""
        return self.neon_made or (bool(_RANDOM.fullmatch(self.__text)) and not self.placeholder)

    @property
    def endpoint_prefix(self) -> str | None:
        """The endpoint id of the password workaround `endpoint=<id>;…` (not secret), or None."""
        match = _HACK.match(self.__text)
        return match["id"] if match else None

    def reveal(self) -> str:
        """The text, for writing a connection string; never for showing one."""
        return self.__text

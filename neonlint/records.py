"""Dataclasses that cost a tenth at start-up: what neonlint uses of `dataclasses`, without `inspect` and with each
`__init__` compiled when the first instance is made.

The forty value classes of a run on one dotenv file would take a fifth of it. Type checkers see the real thing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dataclasses import asdict, dataclass, field, replace
else:
    _MISSING = object()

    class _Field(NamedTuple):
        default: object
        default_factory: Callable[[], object] | None
        repr: bool
        compare: bool

    def field(*, default=_MISSING, default_factory=None, repr=True, compare=True):
        """A field's default, or what makes it, and whether `repr` shows it and `==` looks at it."""
        return _Field(default, default_factory, repr, compare)

    def dataclass(*, frozen=False, slots=False, eq=True, repr=True):
        """As `dataclasses.dataclass`."""

        def made(cls):
            own = {name: _field(cls.__dict__.get(name, _MISSING)) for name in cls.__annotations__}
            fields = {**getattr(cls, "__record_fields__", {}), **own}
            names = tuple(fields)
            body = {key: value for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__", *own)}
            if slots:
                body["__slots__"] = tuple(own)
            body["__qualname__"] = cls.__qualname__
            body["__match_args__"], body["__record_fields__"] = names, fields
            body["__init__"] = _init(fields, frozen, "__post_init__" in body)
            if frozen:
                body["__setattr__"] = body["__delattr__"] = _refuse
                body["__setstate__"] = _restore
            if repr:
                body["__repr__"] = _repr([name for name in names if fields[name].repr])
            if eq:
                compared = [name for name in names if fields[name].compare]
                body["__eq__"], body["__hash__"] = _eq(compared), _hash(compared) if frozen else None
            return type(cls)(cls.__name__, cls.__bases__, body)

        return made

    def replace(record, /, **changes):
        """A copy with some fields changed."""
        return type(record)(**{name: getattr(record, name) for name in record.__record_fields__} | changes)

    def asdict(record):
        """The fields by name; records in them, and in tuples and lists of them, as dicts, too."""
        return {name: _plain(getattr(record, name)) for name in record.__record_fields__}

    def _plain(value):
        if hasattr(value, "__record_fields__"):
            return asdict(value)
        return type(value)(map(_plain, value)) if type(value) in (tuple, list) else value

    def _field(value):
        return value if isinstance(value, _Field) else _Field(value, None, True, True)

    def _init(fields, frozen, then):
        """An `__init__` that puts a compiled one in its place when it is called first."""

        def first(self, *given, **named):
            scope = {"_set": object.__setattr__, "_missing": _MISSING}
            parameters, lines = ["self"], []
            for name, (default, factory, _, _) in fields.items():
                value = name
                if factory is not None:
                    scope[f"_make_{name}"] = factory
                    value = f"_make_{name}() if {name} is _missing else {name}"
                    parameters.append(f"{name}=_missing")
                elif default is not _MISSING:
                    scope[f"_is_{name}"] = default
                    parameters.append(f"{name}=_is_{name}")
                else:
                    parameters.append(name)
                lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
            lines += ["self.__post_init__()"] if then else []
            exec(f"def __init__({', '.join(parameters)}):\n " + "\n ".join(lines or ["pass"]), scope)  # noqa: S102
            type(self).__init__ = scope["__init__"]
            scope["__init__"](self, *given, **named)

        return first

    def _refuse(self, name, *_):
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    def _restore(self, state):
        """Take the fields that a pickle holds: a mapping, or with slots a pair of them or None."""
        for part in state if isinstance(state, tuple) else (state,):
            for name, value in (part or {}).items():
                object.__setattr__(self, name, value)

    def _repr(names):
        def __repr__(self):
            return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

        return __repr__

    def _eq(names):
        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in names)

        return __eq__

    def _hash(names):
        def __hash__(self):
            return hash(tuple([getattr(self, name) for name in names]))

        return __hash__


__all__ = ["asdict", "dataclass", "field", "replace"]

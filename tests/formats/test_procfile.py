"""Procfiles: process types and their commands."""

from __future__ import annotations

from neonlint.formats import procfile
from neonlint.formats.claims import format_of, format_with
from neonlint.ir.source import Scalar


def test_processes() -> None:
    data = b"# c\r\nweb: node s.js\r\nrelease-it: A='b c' npx prisma migrate deploy && echo\r\nno command\n"
    document = procfile.read("Procfile", data)
    found = [(c.scope, [w.value for w in c.words if isinstance(w, Scalar)]) for c in document.commands]
    assert found == [
        ("web", ["node", "s.js"]),
        ("release-it", ["npx", "prisma", "migrate", "deploy"]),
        ("release-it", ["echo"]),
    ]
    (entry,) = document.commands[1].environment.entries
    assert isinstance(entry.value, Scalar) and entry.value.value == "b c"
    assert data[entry.value.span.start : entry.value.span.end] == b"'b c'"
    assert [(c.text, c.row) for c in document.comments] == [("c", 1)]


def test_names() -> None:
    assert {format_of(path) for path in ("Procfile", "a/Procfile.dev")} == {"procfile"}
    assert format_of("src/profile") == "text"


def test_a_script_without_a_suffix_names_its_shell() -> None:
    lines = {b"#!/bin/sh": "shell", b"#!/usr/bin/env bash": "shell", b"#!/usr/bin/env -S zsh -e": "shell"}
    lines |= {b"#!/usr/bin/env python3": "text", b"#!/usr/bin/fish": "text", b"#!/bin/shell": "text"}
    assert {line: format_with("bin/deploy", line + b"\npsql\n") for line in lines} == lines
    assert format_with("bin/deploy.py", b"#!/bin/sh\n") == "python"

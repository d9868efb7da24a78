"""The documentation site: `python -m sphinx -W docs site` makes it of the Markdown files beside this one."""

import neonlint

project = "neonlint"
author = "The neonlint authors"
version = release = neonlint.__version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "neonlint"
html_copy_source = False
html_show_copyright = False
smartquotes = False  # two hyphens are a flag, not a dash
pygments_style = "tango"
pygments_dark_style = "monokai"
myst_heading_anchors = 3
highlight_language = "text"
#: Pages of rules and targets are reached from their lists, not from the side; some of their code is in pieces that no
#: lexer reads whole.
suppress_warnings = ["misc.highlighting_failure", "toc.not_included"]

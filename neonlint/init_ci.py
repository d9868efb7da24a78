"""neonlint in a pipeline: a workflow of its own on GitHub, a job in the pipeline on GitLab. Knows what these are made
of, not where files are.
"""

from __future__ import annotations

import neonlint
from neonlint import init_yaml
from neonlint.errors import Refused
from neonlint.formats.yaml_nodes import Node
from neonlint.init_yaml import meaning, meaning_of

#: The commits of these releases: a tag can be moved to other code, a commit cannot.
_CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
_SETUP_PYTHON = "actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0"
_PYTHON = "3.13"

_WORKFLOW = """\
name: neonlint

on:
  push:
  pull_request:

permissions:
  contents: read

jobs:
  neonlint:
    runs-on: ubuntu-latest
    steps:
      - uses: {checkout}
        with:
          persist-credentials: false
      - uses: {setup_python}
        with:
          python-version: "{python}"
      - run: pip install neonlint=={version}
      - run: neonlint check
"""
#: The whole image, not the slim one: git says which files there are.
_JOB = """\
neonlint:
{stage}  image: python:{python}
  before_script:
    - pip install neonlint=={version}
  script:
    - neonlint check
"""
#: Where a job goes that names no stage.
_USUAL_STAGE = "test"


def workflow() -> str:
    """A workflow for GitHub Actions that may read the repository and nothing else."""
    return _WORKFLOW.format(
        checkout=_CHECKOUT, setup_python=_SETUP_PYTHON, python=_PYTHON, version=neonlint.__version__
    )


def job(stage: str | None = None) -> str:
    """A job for GitLab CI; without `stage` it runs in the stage `test`.

    Its `before_script` takes the place of a common one, which may need tools that this image does not have.
    """
    line = "" if stage is None else f"  stage: {stage}\n"
    return _JOB.format(stage=line, python=_PYTHON, version=neonlint.__version__)


def with_job(data: bytes) -> bytes:
    """A GitLab pipeline with our job at its end. Raises Refused with the reason."""
    file = init_yaml.read(data)
    text = job(_stage(file.value("stages")))
    ours = meaning_of(text)
    if file.root is None:
        return file.with_lines(len(data), text, ours)
    lead = "" if not data.strip() or data.endswith((b"\n\n", b"\n\r\n")) else "\n"
    return file.with_lines(len(data), lead + text, meaning(file.root).with_more(*ours.children))


def _stage(stages: Node | None) -> str | None:
    """The stage of our job: none is named where the usual one exists, as it does in a pipeline that lists no stages."""
    if stages is None:
        return None
    if stages.shape != "sequence" or any(child.shape != "scalar" or not child.value for child in stages.children):
        raise Refused("its `stages` are not a list of names")
    names = [child.value for child in stages.children]
    if _USUAL_STAGE in names or not names:
        return None
    chosen = "lint" if "lint" in names else names[0]
    if not chosen.replace("-", "").replace("_", "").isalnum():
        raise Refused("its first stage has a name that needs quotes")
    return chosen


def included(data: bytes) -> list[str]:
    """The files of the same repository that a GitLab pipeline may take in, relative to its top."""
    try:
        node = init_yaml.read(data).value("include")
    except Refused:
        return []
    values = [found.value for found in init_yaml.walk(node)] if node else []
    return [value.lstrip("/") for value in values if value.endswith((".yml", ".yaml")) and "://" not in value]

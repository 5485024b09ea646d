"""The built-in profiles are read without the schema, and are what the schema makes of them."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from antechamber.policy.document import parse_document
from antechamber.policy.profile import BUILT_IN, read_profile
from antechamber.policy.schema import profile_shape

LOADING = """
import sys
from pathlib import Path
from antechamber.policy.load import load
load({"to": ":3000"}, environment={}, directory=Path("/"))
print("pydantic" in sys.modules)
"""


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_profile_is_what_the_schema_makes_of_it(name: str) -> None:
    content = (files("antechamber.policy") / "profiles" / f"{name}.toml").read_bytes()
    read = read_profile(name)
    assert profile_shape(parse_document(content, name=name, base=Path())) == (read.name, read.app, read.routes)


def test_the_schema_is_not_imported_where_nobody_wrote_a_file() -> None:
    """It takes longer to import than a site takes to lint."""
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"

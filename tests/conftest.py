"""For all tests: asserts outside test modules; the server that the contract is held against (:mod:`tests.contract`)."""

from __future__ import annotations

import pytest

# Used outside tests/edge too, so its own conftest would come too late.
pytest.register_assert_rewrite("tests.edge.front", "tests.edge.talk", "tests.edge.two")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the contract suite, tests/contract")
    group.addoption("--chamber-url", metavar="URL", help="hold the contract against this server, not our own chamber")
    group.addoption("--chamber-password", metavar="TEXT", default="", help="its password, if it has one")
    group.addoption("--chamber-directory", metavar="DIR", default="", help="a directory there for files and terminals")

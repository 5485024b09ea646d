"""Options for all tests: which server the contract is held against (:mod:`tests.contract`)."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the contract suite, tests/contract")
    group.addoption("--chamber-url", metavar="URL", help="hold the contract against this server, not our own chamber")
    group.addoption("--chamber-password", metavar="TEXT", default="", help="its password, if it has one")
    group.addoption("--chamber-directory", metavar="DIR", default="", help="a directory there for files and terminals")

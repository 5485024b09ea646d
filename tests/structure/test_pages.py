"""What pages say exists: commands, flags, variables, make targets, files, links, configurations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from antechamber.cli.app import COMMANDS
from antechamber.policy.load import load
from antechamber.policy.options import OPTIONS
from tests.structure.layers import FLOORS
from tests.structure.pages import ROOT, Page, pages

PACKAGE = ROOT / "src" / "antechamber"
EVERY_PAGE = pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)


def flags_of_commands() -> dict[str, set[str]]:
    """The flags of every command of the real command line."""
    found = {}
    for command in COMMANDS:
        parameters = command.load().params
        found[command.name] = {flag for one in parameters for flag in (*one.opts, *one.secondary_opts)}
    return found


FLAGS = flags_of_commands()


@EVERY_PAGE
def test_every_link_to_a_file_or_a_heading_leads_somewhere(page: Page) -> None:
    known = {other.path: other for other in pages()}
    for link in page.links():
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.path.parent / file).resolve() if file else page.path
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert target in known, f"{page.name}: {link} points into a file that is no page"
            assert anchor in known[target].anchors(), f"{page.name}: {link}"


@EVERY_PAGE
def test_every_command_and_flag_that_a_page_names_exists(page: Page) -> None:
    for code in page.code():
        for name, rest in re.findall(r"(?:^|[/ ])antechamber ([a-z]+)\b([^|;&]*)", code):
            assert name in FLAGS, f"{page.name}: {code}"
            unknown = set(re.findall(r"(?<!\S)--[a-z0-9-]+", rest)) - FLAGS[name]
            assert not unknown, f"{page.name}: {code}"
        if flag := re.match(r"--[a-z0-9-]+", code):
            assert any(flag.group() in flags for flags in FLAGS.values()), f"{page.name}: {code}"


@EVERY_PAGE
def test_every_variable_that_a_page_names_is_read(page: Page) -> None:
    read = {option.variable for option in OPTIONS}
    read |= set(re.findall(r'"(ANTECHAMBER_\w+)"', (PACKAGE / "policy" / "load.py").read_text()))
    named = set(re.findall(r"\bANTECHAMBER_[A-Z0-9_]*[A-Z0-9]", page.text))
    assert named <= read, f"{page.name}: {named - read}"


@EVERY_PAGE
def test_every_make_target_that_a_page_names_exists(page: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for code in page.code():
        if made := re.match(r"make ([a-z-]+)", code):
            assert made.group(1) in targets, f"{page.name}: {code}"


@EVERY_PAGE
def test_every_file_of_ours_that_a_page_names_exists(page: Page) -> None:
    for code in page.code():
        if re.fullmatch(r"(?:src|tests|tools|docs|deploy|bench)/[\w./-]+", code):
            assert (ROOT / code).exists(), f"{page.name}: {code}"


def test_every_module_that_the_architecture_names_exists() -> None:
    page = Page(ROOT / "docs" / "architecture.md", (ROOT / "docs" / "architecture.md").read_text())
    rooms = {room for floor in FLOORS for room in floor}
    named = [
        code for code in page.code() if code.split(".")[0] in rooms and re.fullmatch(r"[a-z_]+(\.[a-z_0-9]+)?", code)
    ]
    assert "edge" in named
    for code in named:
        place = PACKAGE / code.replace(".", "/")
        assert place.is_dir() or place.with_suffix(".py").is_file(), code


def test_the_architecture_describes_every_room_that_there_is() -> None:
    page = Page(ROOT / "docs" / "architecture.md", (ROOT / "docs" / "architecture.md").read_text())
    rooms = {file.stem for file in PACKAGE.iterdir() if not file.stem.startswith(("_", "."))} - {"py"}
    assert rooms <= set(page.code())


@pytest.mark.parametrize("page", [page for page in pages() if "how-to" in page.name], ids=lambda page: page.name)
def test_every_site_file_that_a_page_shows_is_accepted(page: Page, tmp_path: Path) -> None:
    for number, block in enumerate(page.blocks("toml")):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "antechamber.toml").write_text(block)
        assert load({}, environment={}, directory=folder).site_file == folder / "antechamber.toml"


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    for page in folder.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


@pytest.mark.parametrize(
    "page",
    [page for page in pages() if page.name.startswith("docs/decisions/") and page.path.name != "README.md"],
    ids=lambda page: page.name,
)
def test_a_decision_says_context_decision_measurement_and_consequences(page: Page) -> None:
    for part in ("Context", "Decision", "Measurement", "Consequences"):
        assert re.search(rf"^(#+ |\*\*){part}", page.text, re.MULTILINE), part


@EVERY_PAGE
def test_pages_name_no_machine_of_ours(page: Page) -> None:
    assert not re.search(r"/(?:root|work)/", page.text)

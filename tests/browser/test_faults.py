"""What the page says when a proxy breaks something: each fault in real nginx is named, with its symptom."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.acts import ROUTES, all_wiring_green, fault_named, log_in
from tests.browser.conftest import OpenPage
from tests.browser.proxies import FAULTS, Fault, chamber, through_nginx

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow

QUIET_LOOKS = 15
IN_EVERY_RUN = ("upgrade-lost", "body-refused")
CELLS = [
    pytest.param(fault, id=fault.code, marks=() if fault.code in IN_EVERY_RUN else pytest.mark.matrix)
    for fault in FAULTS
]


@pytest.mark.parametrize("fault", CELLS)
def test_a_fault_in_the_proxy_is_named_with_its_symptom(
    fault: Fault, open_page: OpenPage, shot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    with (
        chamber(tmp_path, password=fault.password) as (upstream, _),
        through_nginx(upstream, tmp_path, fault) as url,
        open_page(url) as page,
    ):
        if fault.password:
            log_in(page, fault.password)
        said = fault_named(page, fault.code)
        assert f"Symptom {fault.symptom}:" in said
        assert "nginx" in said, "what to look for"
        page.wait_for_selector(".verdict progress[hidden]", state="attached")
        shot(page, f"fault-{fault.code}")
        codes = page.locator(".fault").evaluate_all("cards => cards.map((card) => card.dataset.code)")
        assert set(codes) <= {fault.code, "origin-will-fail"}, "nothing else is wrong"


@pytest.mark.matrix
def test_where_nothing_is_wrong_nothing_is_named_however_long_one_looks(open_page: OpenPage, tmp_path: Path) -> None:
    """With a heartbeat each second, some seconds are many heartbeats: a silence that was missed would be named."""
    with (
        chamber(tmp_path, "--heartbeat", "1") as (upstream, _),
        through_nginx(upstream, tmp_path) as url,
        open_page(url) as page,
    ):
        all_wiring_green(page)
        for _ in range(QUIET_LOOKS):
            page.wait_for_timeout(1000)
            assert page.locator(".fault").count() == 0
        assert page.locator(".route[data-health=well]").count() == ROUTES

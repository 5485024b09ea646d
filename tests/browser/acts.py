"""What a person does on the chamber's page, as functions of a Playwright page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROUTES = 8
"""Live routes of a chamber that shows the routes of both ages."""


def go(page: Page, view: str) -> None:
    page.click(f"nav a[data-view={view}]")
    page.wait_for_selector(f"#{view}:not([hidden])")


def log_in(page: Page, password: str) -> None:
    page.fill("input[name=password]", password)
    page.click(".login button")


def say(page: Page, text: str) -> None:
    """Send a message and wait for the end of the agent's answer."""
    page.wait_for_selector("#connection:text('live by')")
    answered = page.locator("article.assistant[data-done=true]").count()
    page.fill("textarea[name=message]", text)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"article.assistant[data-done=true] >> nth={answered}")


def answer_grows(page: Page, text: str) -> list[int]:
    """Send a message; the lengths of the answer as they were seen, each longer than the one before."""
    page.wait_for_selector("#connection:text('live by')")
    page.evaluate(
        """() => {
            window.seen = [];
            new MutationObserver(() => {
                const said = document.querySelector("article.assistant .said");
                if (said && said.textContent.length !== window.seen.at(-1)) window.seen.push(said.textContent.length);
            }).observe(document.querySelector(".messages"), { subtree: true, childList: true, characterData: true });
        }"""
    )
    say(page, text)
    lengths: list[int] = page.evaluate("() => window.seen")
    return lengths


def type_in_terminal(page: Page, command: str, expected: str) -> None:
    go(page, "terminal")
    page.wait_for_selector(".xterm-rows:has-text('$')")
    page.keyboard.type(f"{command}\n")
    page.wait_for_selector(f".xterm-rows:has-text('{expected}')")


def uplink(page: Page, bytes_per_s: int) -> None:
    """From now on the browser sends no faster than this."""
    conditions = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


def watch_progress(page: Page) -> None:
    """Collect in ``window.steps`` what the progress bars of uploads show."""
    page.evaluate(
        """() => {
            window.steps = new Set();
            const look = () => document.querySelectorAll(".uploads progress").forEach((bar) => steps.add(bar.value));
            setInterval(look, 5);
        }"""
    )


def all_wiring_green(page: Page) -> None:
    go(page, "wiring")
    page.wait_for_selector(f".route[data-health=well] >> nth={ROUTES - 1}")
    page.wait_for_selector(".verdict[data-health=well]")


def fault_named(page: Page, code: str) -> str:
    """The text of the card that names a fault, once it is there."""
    go(page, "wiring")
    card = page.locator(f".fault[data-code={code}]")
    card.wait_for()
    return card.inner_text()

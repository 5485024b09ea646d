"""A real browser in front of real proxies: what a person would see, headless Chromium sees."""

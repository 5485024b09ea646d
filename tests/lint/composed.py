"""What the tests of compose files share: a folder with one and what it mounts, and what is read and found of it."""

from __future__ import annotations

import io
from pathlib import Path

from antechamber.lint.files import configurations
from antechamber.lint.judge import assessment, lint_together
from antechamber.lint.readers import read
from antechamber.lint.reading import Reading
from antechamber.rules.finding import Assessment
from tests.lint.linting import POLICY, WANTED, caddy

APP = """
  app:
    image: ghcr.io/openchamber/openchamber:1
    expose: ["3000"]
"""
SITE = """server {
    listen 80;
    location / {
        proxy_pass http://app:3000;
        proxy_set_header Upgrade $http_upgrade;
        proxy_read_timeout 30s;
    }
}
"""


def compose(folder: Path, services: str, rest: str = "", **files: str) -> Path:
    """A folder with a compose file, and what it mounts: ``__`` in a name is a slash, ``_`` a dot."""
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    file = folder / "docker-compose.yml"
    file.write_text(f"services:\n{services}{APP}{rest}")
    return file


def seen(file: Path) -> tuple[Reading, ...]:
    (found,) = configurations([str(file)], io.BytesIO())
    return read(found, caddy=caddy)


def judged(file: Path) -> Assessment:
    return assessment(lint_together(seen(file), POLICY, WANTED), lambda engine: lambda rule, route: "")


def remarks(file: Path) -> str:
    return "\n".join(remark for one in seen(file) for remark in one.unread)


def service(image: str, *volumes: str) -> str:
    return f"  web:\n    image: {image}\n    volumes:\n" + "".join(f"      - {one}\n" for one in volumes)

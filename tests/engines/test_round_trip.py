"""What is read back from a rendering is what the policy requires, wherever the engine says that it can do it.

That each single change of a rendering is seen is shown in test_mutations.py.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from antechamber.engines.base import Form, Options, Runnable
from antechamber.engines.caddy.engine import Caddy
from antechamber.engines.haproxy.engine import HAProxy
from antechamber.engines.nginx.engine import Nginx
from antechamber.errors import ConfigError
from antechamber.policy.effective import EffectiveRoutes, PolicyField, Scalar, required
from antechamber.policy.match import Matcher
from antechamber.policy.model import Address, Kind, Policy, Route
from tests.engines.binaries import EVERY_ENGINE
from tests.engines.deployed import policy_of
from tests.engines.expected import EXAMPLES, expected
from tests.engines.policies import paths, policies

OPTIONS = Options(listen=(Address(host="127.0.0.1", port=8080),), form=Form.SITE)


@EVERY_ENGINE
@given(policy=policies(), asked=st.lists(paths(), max_size=4), outer_cdn=st.booleans())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
def test_what_is_read_back_is_what_the_policy_requires(
    engine: Runnable, policy: Policy, asked: list[str], outer_cdn: bool
) -> None:
    (file,) = engine.render(policy, replace(OPTIONS, behind_cdn=outer_cdn))
    read = EffectiveRoutes(engine.read(file.text))
    matcher = Matcher(policy.routes)
    for path in [*(route.path for route in policy.routes), *asked]:
        concrete = re.sub(r"/:\w+", "/some", path).replace("/*", "/below")
        effective = read.of(concrete).fields
        for field, wanted in required(policy, matcher.match(concrete), outer_cdn=outer_cdn).items():
            value = expected(engine, policy, field, wanted)
            if value is not None:
                assert effective[field].value == value, f"{field.value} on {concrete}"


def _values(engine: Runnable, text: str) -> dict[str, dict[PolicyField, Scalar | None]]:
    return {
        route.path: {field: effective.value for field, effective in route.fields.items()} for route in engine.read(text)
    }


@pytest.mark.parametrize(
    ("engine", "change", "field"),
    [
        (Nginx(), ("proxy_buffering off", "proxy_buffering on"), PolicyField.RESPONSE_STREAMED),
        (Nginx(), ("gzip off", "gzip on"), PolicyField.COMPRESSION),
        (Nginx(), ("proxy_cache off", "proxy_cache zone"), PolicyField.CACHE),
        (Nginx(), ("For $remote_addr", "For $proxy_add_x_forwarded_for"), PolicyField.CLIENT_ADDRESS),
        (Nginx(), ("Host $http_host", "Host $host"), PolicyField.HOST),
        (Nginx(), ("Connection $antechamber_connection", 'Connection ""'), PolicyField.UPGRADES),
        (Nginx(), ("location / {", 'location / {\nproxy_set_header X-A "b";'), PolicyField.FORWARDED_PROTO),
        (Caddy(), ("compression off", "compression on"), PolicyField.COMPRESSION),
        (Caddy(), ("request_body {", "encode gzip\nrequest_body {"), PolicyField.COMPRESSION),
        (Caddy(), ("transport http {", "transport http {\nread_timeout 60s"), PolicyField.STREAM_IDLE_S),
        (Caddy(), ("-Forwarded", "-Forwarded\nheader_up Host app"), PolicyField.HOST),
        (Caddy(), ("For {client_ip}", "For {header.X-Forwarded-For}"), PolicyField.CLIENT_ADDRESS),
        (HAProxy(), ("option http-no-delay", "compression algo gzip"), PolicyField.COMPRESSION),
        (HAProxy(), ("option http-no-delay", "option http-buffer-request"), PolicyField.REQUEST_STREAMED),
        (HAProxy(), ("For %[src]", "For %[req.hdr(x-forwarded-for)]"), PolicyField.CLIENT_ADDRESS),
        (HAProxy(), ("-i websocket", "-i h2c"), PolicyField.UPGRADES),
    ],
    ids=lambda value: value.name if isinstance(value, PolicyField) else None,
)
def test_a_weakening_change_is_read_as_one(engine: Runnable, change: tuple[str, str], field: PolicyField) -> None:
    (file,) = engine.render(policy_of({}), OPTIONS)
    assert change[0] in file.text
    before, after = (_values(engine, text)["/*"][field] for text in (file.text, file.text.replace(*change)))
    assert before != after


@EVERY_ENGINE
def test_a_file_that_is_none_of_ours_is_refused(engine: Runnable) -> None:
    with pytest.raises(ConfigError):
        engine.read("# nothing\n")


def test_where_a_value_stands_is_said() -> None:
    (file,) = Nginx().render(policy_of({}), OPTIONS)
    (api,) = [route for route in Nginx().read(file.text) if route.path == "/api/*"]
    limit, silence = api.fields[PolicyField.BODY_LIMIT_BYTES], api.fields[PolicyField.RESPONSE_S]
    assert (limit.source.value, silence.source.value) == ("inherited", "set")
    line = file.text.splitlines()[int(silence.where.removeprefix("line ")) - 1]
    assert line.strip() == "proxy_read_timeout 3600s;"


def test_a_named_route_is_not_lost_behind_a_prefix_that_differs() -> None:
    """What would match in its place is the prefix's block, with other limits."""
    policy = policy_of({"profile": "generic", "response-timeout": "10s"})
    inner = Route(name="inner", path="/a/b", kind=Kind.API, response_timeout_s=10.0)
    outer = Route(name="outer", path="/a/*", kind=Kind.API, response_timeout_s=99.0)
    policy = replace(policy, routes=(inner, outer, *policy.routes))
    for engine in (Nginx(), Caddy(), HAProxy()):
        (file,) = engine.render(policy, OPTIONS)
        read = EffectiveRoutes(engine.read(file.text))
        assert read.of("/a/b").fields[PolicyField.RESPONSE_S].value == 10.0
        assert read.of("/a/c").fields[PolicyField.RESPONSE_S].value == 99.0

"""Flags win over the environment, that over the file, that over the profile, that over the defaults; and each value
knows where it was written."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antechamber.errors import ConfigError
from antechamber.policy.layers import Layer, Setting
from antechamber.policy.load import Loaded, load
from antechamber.policy.model import Address

PROFILE = 'name = "p"\napp = "P"\n[timeouts]\nresponse = "2s"\n[[route]]\nname = "all"\npath = "/*"\nkind = "page"\n'
VALUES = {Layer.PROFILE: 2.0, Layer.FILE: 3.0, Layer.ENVIRONMENT: 4.0, Layer.FLAG: 5.0, Layer.DEFAULT: 60.0}
PLACES = {
    Layer.DEFAULT: "",
    Layer.PROFILE: "p.toml:4",
    Layer.FILE: "antechamber.toml:3",
    Layer.ENVIRONMENT: "ANTECHAMBER_RESPONSE_TIMEOUT",
    Layer.FLAG: "--response-timeout",
}


def loaded_with(layers: set[Layer], directory: Path) -> Loaded:
    file = 'to = ":3000"\n'
    file += '[timeouts]\nresponse = "3s"\n' if Layer.FILE in layers else ""
    (directory / "antechamber.toml").write_text(file)
    profile = PROFILE if Layer.PROFILE in layers else PROFILE.replace('[timeouts]\nresponse = "2s"\n', "")
    (directory / "p.toml").write_text(profile)
    environment = {"ANTECHAMBER_PROFILE": "./p.toml"}
    if Layer.ENVIRONMENT in layers:
        environment["ANTECHAMBER_RESPONSE_TIMEOUT"] = "4s"
    return load(
        {"response-timeout": "5s" if Layer.FLAG in layers else None}, environment=environment, directory=directory
    )


def setting(loaded: Loaded, name: str) -> Setting:
    return next(one for one in loaded.settings if one.option.name == name)


@given(layers=st.sets(st.sampled_from([Layer.PROFILE, Layer.FILE, Layer.ENVIRONMENT, Layer.FLAG])))
def test_the_strongest_layer_that_gives_a_value_wins_and_is_named(
    tmp_path_factory: pytest.TempPathFactory, layers: set[Layer]
) -> None:
    directory = tmp_path_factory.mktemp("site")
    loaded = loaded_with(layers, directory)
    winner = max(layers | {Layer.DEFAULT})
    assert loaded.policy.timeouts.response_s == VALUES[winner]
    origin = setting(loaded, "response-timeout")
    assert origin.layer is winner
    assert origin.place.removeprefix(f"{directory}/") == PLACES[winner]


def test_the_site_file_is_found_upwards(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text('to = ":3001"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    loaded = load({}, environment={}, directory=below)
    assert loaded.site_file == tmp_path / "antechamber.toml"
    assert loaded.policy.upstream == Address(host="127.0.0.1", port=3001)
    (below / "antechamber.toml").write_text('to = ":3002"\n')
    assert load({}, environment={}, directory=below).policy.upstream.port == 3002


def test_a_named_file_is_read_instead_and_its_paths_are_relative_to_it(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text('to = ":1"\n')
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "site.toml").write_text('to = "unix:app.sock"\n[access-log]\npath = "access.log"\n')
    for flags, environment in (({"config": "conf/site.toml"}, {}), ({}, {"ANTECHAMBER_CONFIG": "conf/site.toml"})):
        policy = load(flags, environment=environment, directory=tmp_path).policy
        assert policy.upstream.unix == str(tmp_path / "conf" / "app.sock")
        assert policy.access_log.path == str(tmp_path / "conf" / "access.log")


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    environment = {"ANTECHAMBER_TO": ":3000", "ANTECHAMBER_TRUST": "", "ANTECHAMBER_RESPONSE_TIMEOUT": " "}
    policy = load({}, environment=environment, directory=tmp_path).policy
    assert policy.trusted_proxies == ()
    assert policy.timeouts.response_s == 60


def test_lists_replace_each_other_but_what_is_added_is_joined(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text(
        'to = ":3000"\nlisten = ["127.0.0.1:1", "127.0.0.1:2"]\nupgrade = ["foo"]\nsecret-query-keys = ["mine"]\n'
        'untrusted-fields = ["X-Mine"]\n'
    )
    flags = {"listen": ["127.0.0.1:3"], "upgrade": ["bar"]}
    policy = load(flags, environment={}, directory=tmp_path).policy
    assert [address.port for address in policy.listen] == [3]
    assert policy.upgrade_tokens == {"websocket", "foo", "bar"}
    assert {"mine", "oc_url_token", "access_token"} <= policy.secret_query_keys
    assert {"x-mine", "x-original-url", "cf-connecting-ip"} <= policy.untrusted_fields


def test_a_mistake_that_a_stronger_layer_hides_is_told_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "antechamber.toml").write_text('to = ":3000"\n[timeouts]\nresponse = "soon"\n')
    with pytest.raises(ConfigError, match=r'antechamber\.toml:3: "soon" is not a duration'):
        load({"response-timeout": "5s"}, environment={}, directory=tmp_path)


def test_a_mistyped_variable_is_warned_of_and_a_strangers_is_not(tmp_path: Path) -> None:
    """Kubernetes makes ANTECHAMBER_SERVICE_HOST and the like for a service of that name."""
    environment = {
        "ANTECHAMBER_TO": ":3000",
        "ANTECHAMBER_BODY_LIMT": "1G",
        "ANTECHAMBER_SERVICE_HOST": "10.0.0.1",
        "ANTECHAMBER_SERVICE_PORT": "80",
        "ANTECHAMBER_SERVICE_PORT_HTTP": "80",
        "ANTECHAMBER_PORT": "tcp://10.0.0.1:8080",
        "ANTECHAMBER_PORT_8080_TCP": "tcp://10.0.0.1:8080",
        "ANTECHAMBER_PORT_8080_TCP_PROTO": "tcp",
        "ANTECHAMBER_PORT_8080_TCP_ADDR": "10.0.0.1",
        "ANTECHAMBER_DEBUG": "1",
        "PATH": "/bin",
    }
    assert load({}, environment=environment, directory=tmp_path).warnings == (
        "the variable ANTECHAMBER_BODY_LIMT means nothing here; did you mean ANTECHAMBER_BODY_LIMIT?",
    )

"""Every fault that this project knows: one small file each, listed here and nowhere else.

Ids are never reused. The first digit is the family, and the folder.
"""

from __future__ import annotations

from antechamber.rules.bodies import (
    body_in_memory,
    body_refused,
    departure_untold,
    plan_limit_low,
    upload_changed,
    upload_cut,
    upload_held,
)
from antechamber.rules.compression import (
    cache_control_conflicting,
    coding_mismatch,
    compressed_twice,
    freshness_overruled,
    live_route_cached,
    no_transform_ignored,
    outer_compressor,
    page_cached,
    stream_compressed,
    stream_from_cache,
    stream_transformable,
)
from antechamber.rules.deploys import (
    config_does_not_load,
    streams_cut_on_reload,
)
from antechamber.rules.doubts import (
    app_down,
    app_silent,
    could_not_tell,
    ignore_unused,
    login_needed,
    no_direct_access,
    patience_too_short,
)
from antechamber.rules.events import (
    accel_hint_misplaced,
    accel_hint_missing,
    comments_stripped,
    events_batched,
    head_held,
    last_event_id_lost,
    quick_tunnel,
    response_buffered,
    six_connections,
    stream_is_html,
    stream_severed,
)
from antechamber.rules.headers import (
    app_not_reached,
    chain_lost,
    client_address_forged,
    client_address_missing,
    cookies_lost,
    done_by_hand,
    forwarded_passed,
    forwarding_lost,
    gate_in_the_way,
    header_block_refused,
    host_changed,
    look_alikes_passed,
    origin_forgeable,
    port_dropped,
    public_host_wrong,
    query_lost,
    redirects_astray,
    scheme_wrong,
)
from antechamber.rules.rule import Rule
from antechamber.rules.times import (
    answer_cut,
    connect_cut,
    heartbeat_outlived,
    idle_client_cut,
    slow_head_kept,
    slow_reader_cut,
    slow_upload_cut,
    stale_connection_reused,
    stalled_upload_kept,
    stream_cut,
)
from antechamber.rules.tls import (
    certificate_expired,
    certificate_untrusted,
    certificate_wrong_name,
    chain_incomplete,
    no_hsts,
    no_http2,
    no_redirect_to_https,
    old_tls,
    redirect_loop,
)
from antechamber.rules.websocket import (
    foreign_upgrade_relayed,
    frames_held,
    message_capped,
    one_version_only,
    origin_refused,
    socket_closed,
    upgrade_lost,
    upgrade_lost_elsewhere,
)

_FILES = (
    upgrade_lost,
    foreign_upgrade_relayed,
    upgrade_lost_elsewhere,
    origin_refused,
    frames_held,
    message_capped,
    socket_closed,
    one_version_only,
    response_buffered,
    head_held,
    events_batched,
    stream_severed,
    comments_stripped,
    last_event_id_lost,
    stream_is_html,
    six_connections,
    accel_hint_missing,
    quick_tunnel,
    accel_hint_misplaced,
    body_refused,
    upload_held,
    plan_limit_low,
    upload_cut,
    upload_changed,
    departure_untold,
    body_in_memory,
    connect_cut,
    answer_cut,
    stream_cut,
    slow_reader_cut,
    stalled_upload_kept,
    stale_connection_reused,
    slow_head_kept,
    idle_client_cut,
    heartbeat_outlived,
    slow_upload_cut,
    host_changed,
    client_address_forged,
    scheme_wrong,
    public_host_wrong,
    forwarded_passed,
    look_alikes_passed,
    port_dropped,
    origin_forgeable,
    forwarding_lost,
    chain_lost,
    client_address_missing,
    cookies_lost,
    query_lost,
    redirects_astray,
    header_block_refused,
    gate_in_the_way,
    app_not_reached,
    done_by_hand,
    compressed_twice,
    live_route_cached,
    stream_transformable,
    stream_compressed,
    outer_compressor,
    coding_mismatch,
    stream_from_cache,
    page_cached,
    no_transform_ignored,
    cache_control_conflicting,
    freshness_overruled,
    no_redirect_to_https,
    old_tls,
    no_http2,
    certificate_expired,
    certificate_wrong_name,
    certificate_untrusted,
    chain_incomplete,
    no_hsts,
    redirect_loop,
    streams_cut_on_reload,
    config_does_not_load,
    could_not_tell,
    no_direct_access,
    login_needed,
    app_silent,
    patience_too_short,
    app_down,
    ignore_unused,
)

CATALOGUE: tuple[Rule, ...] = tuple(file.RULE for file in _FILES)


def rule(identifier: str) -> Rule:
    """The rule of that id; :class:`KeyError` where there is none."""
    return _BY_ID[identifier]


def readable() -> tuple[Rule, ...]:
    """The rules on fields of a policy: what reading a configuration can judge. All others need a wire."""
    return tuple(one for one in CATALOGUE if one.field is not None)


_BY_ID = {one.id: one for one in CATALOGUE}

"""Request fields that look like a proxy's word about the client, and are believed by some app.

The edge sets ``X-Forwarded-For``, ``-Host``, ``-Proto``, ``X-Real-IP`` and ``Forwarded`` itself. The names below it
does not set; sent by a stranger they reach the app as if a proxy had said them, so they are dropped unless the peer is
a trusted proxy (RFC 7239, section 8.1). Whether an app reads one cannot be known from outside: hence all of them.
"""

from __future__ import annotations

LOOK_ALIKES: frozenset[str] = frozenset(
    {
        # Who the client is.
        "cf-connecting-ip",  # Cloudflare
        "cf-connecting-ipv6",
        "cf-pseudo-ipv4",
        "cf-ipcountry",
        "true-client-ip",  # Akamai, Cloudflare Enterprise
        "fastly-client-ip",
        "fly-client-ip",
        "client-ip",  # PHP frameworks read HTTP_CLIENT_IP before anything else
        "x-client-ip",
        "x-cluster-client-ip",  # Rackspace, Riverbed
        "x-original-forwarded-for",
        "x-forwarded",
        "forwarded-for",
        "x-proxyuser-ip",
        "x-envoy-external-address",
        "x-azure-clientip",
        "x-appengine-user-ip",
        # Whether the connection was https.
        "front-end-https",  # Microsoft
        "x-forwarded-ssl",
        "x-forwarded-protocol",
        "x-forwarded-scheme",
        "x-scheme",
        "x-url-scheme",
        "cf-visitor",
        # Which host, port or path was asked for.
        "x-forwarded-port",
        "x-forwarded-prefix",
        "x-forwarded-path",
        "x-forwarded-uri",
        "x-forwarded-server",
        "x-host",
        "x-http-host-override",
        "x-original-host",
        "x-original-uri",
        "x-original-url",  # IIS: read as the path by Symfony, Zend and others (CVE-2018-14773)
        "x-rewrite-url",
        # Who the user is, as an authenticating proxy says it.
        "x-forwarded-user",
        "x-forwarded-email",
        "x-forwarded-groups",
        "x-forwarded-preferred-username",
        "x-forwarded-access-token",
        "x-forwarded-client-cert",  # Envoy
        "x-ssl-client-cert",
        "x-ssl-client-verify",
        "x-ssl-client-dn",
        "x-remote-user",
        "remote-user",
        "x-webauth-user",
    }
)
"""Lower-case field names."""

"""HAProxy, from 2.6 (https://docs.haproxy.org)."""

"""HAProxy configurations as people write them (https://docs.haproxy.org)."""

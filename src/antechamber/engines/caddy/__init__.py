"""Caddy, from 2.10 (https://caddyserver.com/docs/caddyfile)."""

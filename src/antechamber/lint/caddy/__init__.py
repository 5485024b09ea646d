"""Caddy configurations, by way of Caddy's own JSON (https://caddyserver.com/docs/json/)."""

"""Cloudflare in front of an origin, as its documentation describes it (https://developers.cloudflare.com)."""

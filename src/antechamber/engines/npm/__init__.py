"""Nginx Proxy Manager, as its templates are at 2.15 (https://nginxproxymanager.com)."""

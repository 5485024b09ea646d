"""Sockets, TLS and the event loop: the only room that touches them (the chamber aside)."""

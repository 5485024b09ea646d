"""Sans-IO protocol: bytes in, values out. No socket, no clock, no event loop."""

"""What a server that claims to be OpenChamber does on the wire, as tests that run unchanged against any of them.

    pytest tests/contract                                      our own chamber, started for it
    pytest tests/contract --chamber-url http://127.0.0.1:3000 --chamber-directory /home/me/project

The clients are httpx and websockets: other people's code. Where the chamber is known to differ
(``docs/chamber-differences.md``), the contract asks for what both do.
"""

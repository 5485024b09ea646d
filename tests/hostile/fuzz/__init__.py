"""Fuzz entry points: each module draws hostile input for one parser and checks what must hold for any input.

``python -m tests.hostile.fuzz --seconds 20`` shares the time among all of them (``make check`` does that);
``python -m tests.hostile.fuzz.request_head --seconds 60`` runs one. A trial is determined by seed and number, so a
failure is repeated with the ``--seed`` and ``--trial`` that were printed.
"""

"""What a value type says about a value, for properties that hold for accepted and refused values alike."""

from __future__ import annotations

from pathlib import Path

from antechamber.policy.value import ValueProblem, ValueType


def refusal(value_type: ValueType[object], raw: object) -> ValueProblem | None:
    """The problem with ``raw``, or ``None`` where it is accepted."""
    try:
        value_type.parse(raw, base=Path("/"))
    except ValueProblem as problem:
        return problem
    return None

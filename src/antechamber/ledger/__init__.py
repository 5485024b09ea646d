"""The ledger: every exchange and every stream as an object."""

from antechamber.ledger.entry import Entry, Party, Reason, Shape
from antechamber.ledger.ledger import Ledger, Witness

__all__ = ["Entry", "Ledger", "Party", "Reason", "Shape", "Witness"]

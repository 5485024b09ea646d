"""The ledger: every exchange and every stream as an object."""

from antechamber.ledger.entry import COMPLETE, EXCHANGE, UPSTREAM, Entry, Party, Reason, Shape
from antechamber.ledger.ledger import Ledger, Witness

__all__ = ["COMPLETE", "EXCHANGE", "UPSTREAM", "Entry", "Ledger", "Party", "Reason", "Shape", "Witness"]

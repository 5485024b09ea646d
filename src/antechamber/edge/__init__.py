"""The edge: the reverse proxy itself. It drives ``protocol`` over ``net`` and writes what it does into the ledger."""

"""The edge: the reverse proxy itself. It drives ``protocol`` over ``net`` and writes down what it does in the ledger."""

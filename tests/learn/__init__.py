"""``antechamber learn``: from recordings to profiles."""

"""Looking at a live deployment: timed transcripts, and what two of them say together."""

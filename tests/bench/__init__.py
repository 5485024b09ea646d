"""The benchmark's own harness: that it measures what it says, and that the published page is what was measured."""

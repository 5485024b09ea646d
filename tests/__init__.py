"""The suite. A test's name is the rule that it proves."""

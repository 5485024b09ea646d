"""A live app, the edge in front of it and a table of every route, in one command."""

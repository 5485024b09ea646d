"""AC1xx: WebSockets."""

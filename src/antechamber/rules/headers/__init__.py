"""AC5xx: what a proxy tells the app about a request, and whom it believes."""

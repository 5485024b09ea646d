"""AC7xx: TLS and HTTP versions; all about a site as a whole."""

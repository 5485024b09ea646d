"""docker-compose.yml, as far as it carries settings of a proxy."""

"""nginx, from 1.22 to current (https://nginx.org/en/docs/)."""

"""Running an engine's own program: found, rendered for, judged, started, watched, reloaded, stopped."""

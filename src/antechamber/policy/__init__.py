"""What must hold in front of an app, and how people say it: options, files, profiles, routes."""

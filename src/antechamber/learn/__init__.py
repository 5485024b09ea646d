"""From a browser's recording of an app (HAR 1.2) to a profile of it."""

"""Commands: names and help texts; the work is imported on call."""

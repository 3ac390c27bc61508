"""The player that finds and undoes bugs."""

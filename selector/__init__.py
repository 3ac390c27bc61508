"""The player that chooses which bug to hide."""

"""The game of selector and detector, from Hydra entry to exported model."""

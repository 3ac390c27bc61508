"""The networks both players are made of."""

"""Hydra configuration: YAML groups found as pkg://buglab.conf."""

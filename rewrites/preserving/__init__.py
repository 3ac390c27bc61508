"""Rewritings that keep the meaning, one class in one file; they are found by looking into this folder."""

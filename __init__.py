"""BugLab: a self-supervised bug detector and repairer for Python."""

__version__ = "0.1.0"

"""One pass over a LibCST tree: the skeletons of all units of a file, with positions and scopes.

``walker.py`` is the machinery; each other file here knows how one part of the grammar is walked.
"""

from . import bounds, definitions, expressions, operators, patterns, statements, tokens
from .walker import Walker

__all__ = ["Walker", "bounds", "definitions", "expressions", "operators", "patterns", "statements", "tokens"]

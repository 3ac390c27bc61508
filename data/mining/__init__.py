"""Real bugs from git histories: commits that changed one function by one small edit, and the rule whose rewrite that edit is."""

"""Real bugs from git histories: commits that changed a function by one small edit, and the rule whose rewrite it is."""

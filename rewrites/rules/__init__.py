"""One rule a file; every module here is found by the registry."""

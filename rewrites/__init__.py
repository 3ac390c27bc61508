"""The library of rewrite rules: where a small bug can sit, and what it would look like."""

"""Programs as flat integer arrays: nodes, edges, sites, options and the deltas that choose between them."""

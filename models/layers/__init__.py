"""Message-passing layers behind one interface: ``layer(hidden [nodes, d], edges) -> [nodes, d]``."""

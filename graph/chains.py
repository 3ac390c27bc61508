"""Which tokens refer to the same thing, in order, over all units of a file."""

from __future__ import annotations

import numpy as np

from .schema import NULL, Int


class Chains:
    """The tokens that refer to each node, in order.  Nodes are counted through all units."""

    def __init__(self, node: Int, token: Int) -> None:
        self.order = np.argsort(node, kind="stable")
        self.node, self.token = node[self.order], token[self.order]
        self.width = int(token.max(initial=0)) + 1
        self.key = self.node.astype(np.int64) * self.width + self.token

        linked = self.node[1:] == self.node[:-1]
        self.previous = np.full(len(node), NULL, np.int32)
        """[tokens] the one before in the chain, NULL where there is none"""
        self.following = self.previous.copy()
        self.previous[self.order[1:][linked]] = self.token[:-1][linked]
        self.following[self.order[:-1][linked]] = self.token[1:][linked]

    def around(self, node: Int, token: Int) -> tuple[Int, Int]:
        """The tokens of ``node`` before and behind a ``token`` that refers to another one, NULL where there is none."""
        place = np.searchsorted(self.key, node.astype(np.int64) * self.width + token)
        return self._at(place - 1, node), self._at(place, node)

    def _at(self, place: np.ndarray, node: Int) -> Int:
        inside = place.clip(0, len(self.key) - 1)
        return np.where((place == inside) & (self.node[inside] == node), self.token[inside], NULL)

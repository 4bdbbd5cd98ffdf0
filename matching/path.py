"""What holds a group together: the chain of pairs between two of its members, and its weakest."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

Pair = tuple[int, int, float]
"""Two nodes and the probability of their pair."""


def strongest_chain(pairs: Iterable[Pair], start: int, end: int) -> list[Pair]:
    """The chain from `start` to `end` whose weakest pair is as strong as can be; empty: none.

    Of equally strong chains the one that comes first in the order of nodes (widest path, a
    Dijkstra search on the weakest pair so far).
    """
    beside: dict[int, list[tuple[int, float]]] = {}
    for one, other, probability in pairs:
        beside.setdefault(one, []).append((other, probability))
        beside.setdefault(other, []).append((one, probability))
    came: dict[int, tuple[int, float]] = {}
    queue: list[tuple[float, int, int, int, float]] = [(-1.0, 0, start, start, 1.0)]
    while queue:
        weakest, steps, node, before, probability = heappop(queue)
        if node in came:
            continue
        came[node] = (before, probability)
        if node == end:
            break
        for other, along in beside.get(node, ()):
            if other not in came:
                heappush(queue, (max(weakest, -along), steps + 1, other, node, along))
    if end not in came or start == end:
        return []
    chain: list[Pair] = []
    while end != start:
        before, probability = came[end]
        chain.append((before, end, probability))
        end = before
    return chain[::-1]

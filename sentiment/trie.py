"""A trie of many texts, walked from every character of a batch at once: numpy only.

It is a double array (Aoe, 1989). A node is a place; the node one character on is at the node's base
plus the character's class, if it is said there that this node is its parent.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resonance.sentiment.characters import CODE_POINTS, code_points
from resonance.sentiment.columns import Places, spread

NONE: Final = -1  # No text ends at the node, no node is at the place.
ROOT: Final = 0
# Of places to edges: the fewer are free, the longer it takes to find some for a large family.
ROOM: Final = 1.25
ROUNDS: Final = 24  # Of lots for families of a size; what has no place by then has one made.
SEED: Final = 1  # Any: where nodes stand, no walk tells.


class Found(NamedTuple):
    """Where texts stand among code points."""

    starts: Places  # Of [start, end).
    ends: Places
    texts: Places  # By their places among the trie's.


class _Nodes(NamedTuple):
    """The nodes but the root, by their numbers from 1: parents before children."""

    parents: Places
    classes: Places  # Of the character that leads there from the parent.
    texts: NDArray[np.int32]  # Which text ends at each node, the root's among them.


class Trie:
    """Texts by their beginnings."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Take texts, each of them once; an empty one is found nowhere."""
        codes = code_points("".join(texts))
        known = np.flatnonzero(np.bincount(codes))
        self._classes = np.zeros(CODE_POINTS, np.min_scalar_type(len(known)))  # 0: in no text.
        self._classes[known] = np.arange(1, len(known) + 1)
        nodes = _nodes(texts, self._classes.take(codes).astype(np.int64))
        count = len(known) + 1
        families = np.searchsorted(nodes.parents, np.arange(len(nodes.texts) + 1))
        bases, size = _placed(families, nodes.classes, count)
        places = np.concatenate([[ROOT], bases[nodes.parents] + nodes.classes])
        self._bases = np.zeros(size, np.int32)
        self._parents = np.full(size, NONE, np.int32)
        self._texts = np.full(size, NONE, np.int32)
        self._bases[places] = bases
        self._parents[places[1:]] = places[nodes.parents]
        self._texts[places] = nodes.texts
        # Most walks end where they would begin: this table is small.
        self._first = np.full(count, ROOT, np.int32)
        self._first[nodes.classes[: families[1]]] = places[1 : families[1] + 1]

    def walk(self, codes: NDArray[np.uint32], may_pass: NDArray[np.bool_]) -> Found:
        """Return where texts stand among the code points.

        A character that a walk `may_pass` is passed over where no text goes on with it. The
        shortest come first.
        """
        classes = np.zeros(len(codes) + 1, np.int32)
        classes[:-1] = self._classes.take(codes)
        may_pass, passes = np.append(may_pass, False), bool(may_pass.any())
        nodes = self._first.take(classes)
        starts = np.flatnonzero(nodes)
        nodes, ends = nodes.take(starts), starts + 1
        none = np.zeros(0, np.int64)
        found = [Found(none, none, none)]
        while len(starts):
            texts = self._texts.take(nodes)
            if len(said := np.flatnonzero(texts != NONE)):
                found.append(Found(starts[said], ends[said], texts[said].astype(np.int64)))
            onward = self._bases.take(nodes)
            onward += classes.take(ends)
            goes_on = self._parents.take(onward) == nodes
            going = np.flatnonzero(goes_on)
            onward = onward.take(going)
            if passes and len(staying := np.flatnonzero(may_pass.take(ends) & ~goes_on)):
                onward = np.concatenate([onward, nodes.take(staying)])
                going = np.concatenate([going, staying])
            nodes, starts, ends = onward, starts.take(going), ends.take(going) + 1
        columns = zip(*found, strict=True)
        return Found(*map(np.concatenate, columns))


def _nodes(texts: Sequence[str], classes: Places) -> _Nodes:
    """Return the nodes of texts whose characters, one text after the other, have these classes.

    Column by column: what begins alike stands together in order, and is one node.
    """
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    rows = np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)
    at, left, node = (np.cumsum(lengths) - lengths)[rows], lengths[rows], np.zeros_like(rows)
    ending = np.full(1 + len(classes), NONE, np.int32)
    parents, characters = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    count = 1
    while len(going := np.flatnonzero(left)):
        rows, at, left, node = rows[going], at[going], left[going], node[going]
        character = classes[at]
        is_new = np.ones(len(rows), np.bool_)
        is_new[1:] = (node[1:] != node[:-1]) | (character[1:] != character[:-1])
        parents.append(node[is_new])
        characters.append(character[is_new])
        node = count + np.cumsum(is_new) - 1
        count = int(node[-1]) + 1
        at, left = at + 1, left - 1
        ending[node[left == 0]] = rows[left == 0]
    return _Nodes(np.concatenate(parents), np.concatenate(characters), ending[:count])


def _placed(families: Places, classes: Places, count: int) -> tuple[Places, int]:
    """Return a base for each node such that no two children share a place, and how many there are.

    The children of a node are [families[node], families[node + 1]); `classes` are those of all
    children, `count` of them. Families draw lots, the largest first; only children fill the rest.
    """
    sizes = np.diff(families)
    # A family reaches over `count` places at most: spare ones at either end, and some to draw from.
    is_free = np.ones(int(len(classes) * ROOM) + 3 * count, np.bool_)
    is_free[:count] = False  # So that no base is negative.
    bases = np.zeros(len(sizes), np.int64)
    lots = np.random.default_rng(SEED)

    def taken(parents: Places, tried: Places) -> NDArray[np.bool_]:
        """Take the places of each family at the bases tried; return which families could not."""
        of, children = spread(families, parents)
        places = tried[of] + classes[children]
        wanted = np.zeros(len(is_free), np.int64)
        wanted[places[::-1]] = of[::-1]  # Of two that want a place, the first has it.
        fails = np.zeros(len(parents), np.bool_)
        fails[of[~is_free[places] | (wanted[places] != of)]] = True
        bases[parents[~fails]] = tried[~fails]
        is_free[places[~fails[of]]] = False
        return fails

    digits = np.frexp(sizes)[1]
    for group in range(int(digits.max()), 1, -1):
        waiting = np.flatnonzero(digits == group)
        for _ in range(ROUNDS):
            if len(waiting):
                tried = lots.integers(count, len(is_free) - count, len(waiting))
                waiting = waiting[taken(waiting, tried)]
        if len(waiting):
            own = len(is_free) + count * np.arange(len(waiting))
            is_free = np.concatenate([is_free, np.ones(count * len(waiting), np.bool_)])
            taken(waiting, own)
    alone = np.flatnonzero(sizes == 1)
    bases[alone] = np.flatnonzero(is_free)[: len(alone)] - classes[families[alone]]
    return bases, len(is_free) + count  # No way on leads out.

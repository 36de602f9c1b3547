"""Memory that a worker no longer uses, given back to the system.

A state that comes or goes leaves more behind than it is: with Python's allocator, free lists and
half empty arenas; with glibc, an arena for each thread that ever worked, and blocks of all sizes
in it, as by default even big ones come to lie there once the first of them was freed. A worker
that takes over and hands back would come to hold half as much again as it needs.
"""

import ctypes
import gc
import sys
from typing import Any, Final

_ARENA_MAX: Final = -8  # Of malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD.
_MMAP_THRESHOLD: Final = -3
_MMAP_BYTES: Final = 128 * 1024  # As by default; set, it no longer grows to 32 MiB by itself.


def keep_together() -> None:
    """Let all threads of this process share one arena, and big blocks go back as they are freed.

    One lock for all of them costs nothing here: they take turns for the interpreter anyway.
    """
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, _MMAP_BYTES)


def give_back() -> None:
    """Give free memory back to the system; takes tens of milliseconds."""
    gc.collect()  # Empties the interpreter's free lists, too, which keep whole arenas.
    if (malloc_trim := _of_glibc("malloc_trim")) is not None:
        malloc_trim(0)


def _of_glibc(name: str) -> Any:
    """Return a function of glibc; None where another C library is used, as in Alpine or macOS."""
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None

"""The interpreter's collector of cycles, which need not look while a batch is read."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """Hold the collector back: a batch makes tens of thousands of small things, none in a cycle.

    Threads may nest and cross: the collector is on again once all of them are done, if it was.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

"""Memory of long tables, handed back to the system once they are done with.

The C library keeps what is freed between things that are still in use: after a sheet of 100,000
rows a third of what the reader had, and what comes next would come on top of it.
"""

import ctypes


def give_back() -> None:
    """Return what is free; takes some milliseconds, and nothing where there is no such call."""
    if _trim is not None:
        _trim(0)


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

"""Memory of long tables, handed back to the system once they are done with.

The C library keeps what is freed between things that are still in use: after a sheet of 100,000
rows a third of what the reader had. The next long piece of work would come on top of it.
"""

import ctypes
import gc


def give_back() -> None:
    """Return what is free. Does nothing more than collect where the library has no such call."""
    # Spare tuples and lists that the interpreter keeps hold whole blocks; a collection drops them.
    gc.collect()
    trim()


def trim() -> None:
    """Return what the C library holds free, without a look at the interpreter's own objects."""
    if _trim is not None:
        _trim(0)


_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)

"""How this process's C library keeps memory that is free; Python's own keeping is not touched."""

import ctypes

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE_BYTES = 1 << 20


def give_back_large() -> None:
    """Give large blocks back when they are free; only GNU's library must be told to.

    After one large block it would keep later ones of the size, in each thread's own store: some
    files sent to several threads held a gigabyte for good.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "gnu_get_libc_version"):
        library.mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)

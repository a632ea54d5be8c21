"""Whether this kernel lets a process have breakpoints on data, asked without Memoir."""
import ctypes
import os
import struct

PERF_EVENT_OPEN, BREAKPOINT, ON_WRITES, CLOSE_ON_EXEC = 298, 5, 2, 8
# disabled, inherit, exclude_kernel, exclude_hv, inherit_thread, remove_on_exec, sigtrap
FLAGS = sum(1 << bit for bit in (0, 1, 5, 6, 35, 36, 37))
SIZE = 136


def refusal():
    """Why it does not; None when it does."""
    libc = ctypes.CDLL(None, use_errno=True)
    watched = ctypes.create_string_buffer(64)
    address = (ctypes.addressof(watched) + 7) & ~7
    attributes = struct.pack("=IIQQQQQIIQQ", BREAKPOINT, SIZE, 0, 1, 0, 0, FLAGS, 0,
                             ON_WRITES, address, 1).ljust(SIZE, b"\0")
    descriptor = libc.syscall(PERF_EVENT_OPEN, attributes, 0, -1, -1, CLOSE_ON_EXEC)
    if descriptor < 0:
        return os.strerror(ctypes.get_errno())
    os.close(descriptor)
    return None


def forbid():
    """In a process that is about to become another program: none for it (seccomp)."""
    load, jump_if_equal, answer = 0x20, 0x15, 0x06
    allow, permission_denied = 0x7fff0000, 0x00050000 | 1
    program = b"".join(struct.pack("=HBBI", *line) for line in (
        (load, 0, 0, 0), (jump_if_equal, 0, 1, PERF_EVENT_OPEN),
        (answer, 0, 0, permission_denied), (answer, 0, 0, allow)))
    code = ctypes.create_string_buffer(program)
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_seccomp, filter_mode = 38, 22, 2
    filter_of = struct.pack("=HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    if libc.prctl(no_new_privileges, 1, 0, 0, 0) != 0 or \
            libc.prctl(set_seccomp, filter_mode, filter_of, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")

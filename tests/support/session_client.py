"""Who pretends to be a recorded program, and talks to a collector as one."""
import array
import fcntl
import os
import pathlib
import random
import re
import socket
import struct

SOURCES = pathlib.Path(__file__).resolve().parent.parent.parent
TIMEOUT = 60  # seconds: it hangs
F_ADD_SEALS, SEALS = 1033, 1 | 2 | 4


def constant(name, file):
    """A number of the wire format, as the sources have it."""
    source = SOURCES / "runtime/wire" / file
    return int(re.search(rf"{name} = (0x[0-9a-f]+|\d+)", source.read_text())[1], 0)


MAGIC = constant("kSessionMagic", "session_memory.h")
VERSION = constant("kWireVersion", "event.h")
HELLO = struct.pack("<QIIQ", MAGIC, VERSION, 0, 1 << 20)


def make_memory(content, size=None, seals=SEALS):
    memory = os.memfd_create("forged", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.write(memory, content)
    os.ftruncate(memory, len(content) if size is None else size)
    if seals:
        fcntl.fcntl(memory, F_ADD_SEALS, seals)
    return memory


def make_header(counts, sizes=None, magic=MAGIC, version=VERSION):
    """A session's first page. counts: rings, slots, nodes, text bytes; and the layout that
    follows from them, unless another is given."""
    rings, slots, nodes, text = counts
    buckets = 1 << (nodes // 8).bit_length()
    at, offsets = 4096, []
    for size in (128 * rings, 4 * buckets, 16 * nodes, text, 32 * rings * slots):
        offsets.append(at)
        at = (at + size + 4095) // 4096 * 4096
    layout = struct.pack("<6Q6I", at, *offsets, rings, slots, buckets, nodes, text, 0)
    page = struct.pack("<QII", magic, version, 2) + (sizes or layout)
    page += struct.pack("<IIQQQQ", 1, 1, 0, 0, (text - 1) << 32, (text - 1) << 32)
    return page.ljust(4096, b"\xff"), at


class Client:
    """Connects to a collector, sends a message with descriptors, and hears the answer."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(b"\0" + name)

    def send(self, message, descriptors=()):
        rights = []
        if descriptors:
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))]
        self.socket.sendmsg([message], rights)

    def accepted(self):
        try:
            answer = self.socket.recv(64)
        except ConnectionResetError:
            answer = b""
        finally:
            self.socket.close()
        return len(answer) == 16 and struct.unpack("<QII", answer)[1] == 1


def forge(name, seed):
    """Offers a session of noise; ends when the collector has taken it."""
    dice = random.Random(seed)
    # Some with as much text as can be, which the header says is the command line.
    text = (4096, 1 << 20, (1 << 32) - 4096, 1 << 31)[seed % 4]
    page, size = make_header((4, 1024, 1024, text))
    memory = make_memory(page, size)
    for at in range(4096, 65536, 4096):
        os.pwrite(memory, dice.randbytes(4096), at)
    rings = size - 32 * 4 * 1024
    for ring in range(4):
        slots = bytearray(dice.randbytes(32 * 1024))
        for slot in range(1024):  # published, most of them as kinds that exist
            slots[32 * slot] = dice.randrange(20)
            slots[32 * slot + 3] = 1
        os.pwrite(memory, slots, rings + 32 * 1024 * ring)
    client = Client(name)
    client.send(HELLO, [memory])
    client.accepted()

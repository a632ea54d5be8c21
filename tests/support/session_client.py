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


def read_header(pid):
    """The first page of the memory that a recorded process shares with its collector."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        (line,) = [line for line in maps if "memfd:memoir" in line]
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(int(line.split("-")[0], 16))
        return memory.read(4096)


def change_header(page, magic=MAGIC, version=VERSION, text=None, slots=None, layout=None):
    """A header with another size of the text area or of the rings, and what follows from
    that; or with any bytes in place of the layout. Its command line is all the text."""
    fields = list(struct.unpack_from("<6Q6I", page, 16))
    if text is not None:
        fields[5] += text - fields[10]
        fields[10] = text
    if slots is not None:
        fields[7] = slots
    fields[0] = fields[5] + 32 * fields[6] * fields[7]
    page = bytearray(page)
    struct.pack_into("<QI", page, 0, magic, version)
    page[16:88] = layout or struct.pack("<6Q6I", *fields)
    struct.pack_into("<QQ", page, 112, (fields[10] - 1) << 32, (fields[10] - 1) << 32)
    return bytes(page), fields[0]


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


def forge(name, page, seed):
    """Offers a session of noise; ends when the collector has taken it."""
    dice = random.Random(seed)
    # Some with as much text as can be, which the header says is the command line.
    text = (65536, 1 << 20, (1 << 32) - 4096, 1 << 31)[seed % 4]
    page, size = change_header(page, text=text, slots=1024)
    nodes, rings, count = struct.unpack_from("<3Q", page, 40)[0], *struct.unpack_from(
        "<QI", page, 56)
    memory = make_memory(page, size)
    for at in (4096, nodes, nodes + 65536):
        os.pwrite(memory, dice.randbytes(65536), at)
    for ring in range(count):
        slots = bytearray(dice.randbytes(32 * 1024))
        for slot in range(1024):  # published, most of them as kinds that exist
            slots[32 * slot] = dice.randrange(20)
            slots[32 * slot + 3] = 1
            if slot % 2:  # and not too large to be true
                slots[32 * slot + 22:32 * slot + 24] = b"\0\0"
                slots[32 * slot + 30:32 * slot + 32] = b"\0\0"
        os.pwrite(memory, slots, rings + 32 * 1024 * ring)
    client = Client(name)
    client.send(HELLO, [memory])
    if not client.accepted():
        raise AssertionError("refused")

"""Runs a program for MicroPython under CPython, with sockets that block and give up as those of a board do.

    python micropython.py PROGRAM UMQTT ID

UMQTT is the folder of the real umqtt, ID the number of the chip. Each line "press" on standard input presses the button
for a moment; the light tells "led on" and "led off".
"""

import binascii
import runpy
import socket
import struct
import sys
import threading
import time
import types

PRESS_SECONDS = 0.06

program, umqtt, chip = sys.argv[1:]
is_down = threading.Event()


class BoardSocket:
    """A socket of MicroPython: a stream, whose `read` gives all that was asked for, or None when it need not wait."""

    def __init__(self, *_):
        self.real = socket.socket()

    def connect(self, address):
        self.real.connect(address)
        self.real.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def settimeout(self, seconds):
        self.real.settimeout(seconds)

    def setblocking(self, is_blocking):
        self.real.setblocking(is_blocking)

    def read(self, size):
        data = b""
        while len(data) < size:
            try:
                part = self.real.recv(size - len(data))
            except BlockingIOError:
                return data or None
            except socket.timeout:
                raise OSError(110) from None
            if not part:
                break
            data += part
        return data

    def write(self, data, size=None):
        data = data.encode() if isinstance(data, str) else bytes(data)
        if size is not None:
            data = data[:size]
        try:
            self.real.sendall(data)
        except socket.timeout:
            raise OSError(110) from None
        return len(data)

    def close(self):
        self.real.close()


class Pin:
    IN, OUT, PULL_UP = range(3)

    def __init__(self, *_):
        pass

    def value(self):
        return 0 if is_down.is_set() else 1

    def on(self):
        print("led on")

    def off(self):
        print("led off")


class ADC:
    def __init__(self, *_):
        pass

    def read_u16(self):
        return 12345


class WLAN:
    def __init__(self, *_):
        self.joined = False

    def active(self, *_):
        return True

    def connect(self, *_):
        self.joined = True

    def disconnect(self):
        self.joined = False

    def isconnected(self):
        return self.joined


def module(name, **names):
    made = types.ModuleType(name)
    made.__dict__.update(names)
    sys.modules[name] = made


def press():
    for line in sys.stdin:
        if line.strip() == "press":
            is_down.set()
            time.sleep(PRESS_SECONDS)
            is_down.clear()
            time.sleep(PRESS_SECONDS)


def addresses(host, port):
    return [entry for entry in socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)]


clock = {
    **{name: value for name, value in vars(time).items() if not name.startswith("__")},
    "ticks_ms": lambda: int(time.monotonic() * 1000) & 0x3FFFFFFF,
    "ticks_add": lambda ticks, change: (ticks + change) & 0x3FFFFFFF,
    "ticks_diff": lambda end, start: ((end - start + 0x20000000) & 0x3FFFFFFF) - 0x20000000,
    "sleep_ms": lambda milliseconds: time.sleep(milliseconds / 1000),
}
threading.Thread(target=press, daemon=True).start()
sys.stdout.reconfigure(line_buffering=True)
sys.path.insert(0, umqtt)
for name in ("socket", "usocket"):
    module(name, socket=BoardSocket, getaddrinfo=addresses)
for name in ("time", "utime"):
    module(name, **clock)
module("ustruct", **{name: getattr(struct, name) for name in ("pack", "pack_into", "unpack")})
module("ubinascii", hexlify=binascii.hexlify)
module("ussl")
module("machine", Pin=Pin, ADC=ADC, unique_id=lambda: bytes.fromhex(chip))
module("network", WLAN=WLAN, STA_IF=0)
runpy.run_path(program, run_name="__main__")

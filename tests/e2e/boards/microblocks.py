"""Runs scripts of MicroBlocks as far as examples/microblocks/ uses them, for where no board is.

    python microblocks.py SCRIPTS ID PORT KEEP_ALIVE

It stands in for MicroBlocks and for lwmqtt, the MQTT library of its firmware: one buffer, a packet that does not fit into it
ends the connection, and while a connection is made nothing else runs. The port and the keep-alive are fixed there (1883 and
10 s). Each line "press" on standard input presses button A; the light says "led on" and "led off".
"""

import queue
import re
import select
import socket
import struct
import sys
import threading
import time

COMMAND_TIMEOUT = 1  # seconds, as arduino-mqtt has it
TOKEN = re.compile(r"'((?:[^']|'')*)'|([(){}\n])|([^\s(){}']+)")


class Name(str):
    """A word that is not in quotes."""


def tokens(text):
    for quoted, mark, word in TOKEN.findall(text):
        if mark:
            yield mark, mark
        elif word:
            yield "atom", int(word) if word.isdigit() else Name(word)
        else:
            yield "atom", quoted


class Parser:
    """A script is a list of statements; an expression is an atom or a list of expressions; a block is a tuple."""

    def __init__(self, text):
        self.rest = list(tokens(text))

    def scripts(self):
        found = []
        while self.rest:
            line = self.statement()
            if line and line[0] == "script":
                found.append(line[-1])
        return found

    def statement(self):
        items = []
        while self.rest and self.rest[0][0] not in ("\n", "}"):
            items.append(self.item())
        if self.rest and self.rest[0][0] == "\n":
            self.rest.pop(0)
        return items

    def item(self):
        kind, value = self.rest.pop(0)
        if kind == "(":
            items = []
            while self.rest[0][0] != ")":
                items.append(self.item())
            self.rest.pop(0)
            return items
        if kind == "{":
            lines = []
            while self.rest[0][0] != "}":
                line = self.statement()
                if line:
                    lines.append(line)
            self.rest.pop(0)
            return tuple(lines)
        return value


class Lwmqtt:
    def __init__(self, size):
        self.size = size
        self.will = None
        self.link = None

    def connect(self, host, name, user, password):
        self.close()
        try:
            self.link = socket.create_connection((host, PORT), COMMAND_TIMEOUT)
        except OSError:
            return
        topic, message, retain, qos = self.will
        flags = 0xC2 | 0x04 | qos << 3 | (0x20 if retain else 0)
        body = b"\0\4MQTT\4" + struct.pack("!BH", flags, KEEP_ALIVE)
        for text in (name, topic, message, user, password):
            body += self.text(text)
        self.is_ping_open = False
        self.send(0x10, body)
        answer = self.wait_for(0x20)
        if answer is None or answer[1] != 0:
            self.close()
        self.alarm = time.monotonic() + KEEP_ALIVE

    def publish(self, topic, message, retain):
        return self.send(0x31 if retain else 0x30, self.text(topic) + str(message).encode())

    def subscribe(self, topic):
        return self.send(0x82, b"\0\1" + self.text(topic) + b"\0") and self.wait_for(0x90) is not None

    def event(self):
        """The newest message since the last question."""
        found = None
        while self.link and select.select([self.link], [], [], 0)[0]:
            kind, body = self.receive()
            if kind & 0xF0 == 0x30:
                size = struct.unpack("!H", body[:2])[0]
                found = [body[2 : 2 + size].decode(), body[2 + size :].decode()]
            self.is_ping_open = self.is_ping_open and kind != 0xD0
        if self.link and time.monotonic() > self.alarm:
            if self.is_ping_open:
                self.close()
            else:
                self.is_ping_open = self.send(0xC0, b"")
        return found

    def wait_for(self, expected):
        end = time.monotonic() + COMMAND_TIMEOUT
        while self.link and select.select([self.link], [], [], max(0, end - time.monotonic()))[0]:
            kind, body = self.receive()
            if kind == expected:
                return body
        self.close()

    def receive(self):
        """A packet; (0, b"") when there is none, or it is too long and the connection is over."""
        head = self.exactly(1)
        size = shift = 0
        while head:
            byte = self.exactly(1)
            if not byte:
                break
            head += byte
            size |= (byte[0] & 127) << shift
            shift += 7
            if byte[0] < 128:
                if len(head) + size <= self.size:
                    body = self.exactly(size)
                    if len(body) == size:
                        return head[0], body
                break
        self.close()
        return 0, b""

    def exactly(self, size):
        data = b""
        try:
            while len(data) < size:
                part = self.link.recv(size - len(data))
                if not part:
                    return b""
                data += part
        except OSError:
            return b""
        return data

    def send(self, kind, body):
        size = len(body)
        length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
        packet = bytes([kind]) + length + body
        if not self.link or len(packet) > self.size:
            self.close()
            return False
        try:
            self.link.sendall(packet)
        except OSError:
            self.close()
            return False
        self.alarm = time.monotonic() + KEEP_ALIVE
        return True

    def close(self):
        if self.link:
            self.link.close()
        self.link = None

    @staticmethod
    def text(text):
        return struct.pack("!H", len(text.encode())) + text.encode()


class Board:
    def __init__(self, scripts):
        self.scripts = scripts
        self.variables = {"true": True, "false": False}
        self.mqtt = None
        self.running = {}  # by the number of the script
        self.start(["whenStarted"])

    def start(self, hat):
        for number, script in enumerate(self.scripts):
            if script[0] == hat and number not in self.running:
                self.running[number] = self.run(script[1:])

    def step(self):
        for number, script in list(self.running.items()):
            if next(script, "end") == "end":
                del self.running[number]

    def run(self, lines):
        for line in lines:
            yield from self.do(line)

    def do(self, line):
        head = line[0]
        if len(line) > 2 and line[1] == "=":
            self.variables[head] = self.value(line[2])
        elif head == "forever":
            while True:
                yield from self.run(line[1])
                yield
        elif head == "if":
            if self.value(line[1]):
                yield from self.run(line[2])
            elif len(line) > 3:
                yield from self.run(line[4])
        elif head == "waitMillis":
            end = time.monotonic() + self.value(line[1]) / 1000
            while time.monotonic() < end:
                yield
        elif head != "comment":
            self.call(head, [self.value(one) for one in line[1:]])

    def value(self, expression):
        if isinstance(expression, Name):
            return self.variables.get(expression, 0)
        if not isinstance(expression, list):
            return expression
        if len(expression) == 3 and expression[1] in ("==", "*"):
            left, right = self.value(expression[0]), self.value(expression[2])
            return left == right if expression[1] == "==" else left * right
        return self.call(expression[0], [self.value(one) for one in expression[1:]])

    def call(self, name, given):
        match name:
            case "sayIt":
                print(*given)
            case "setUserLED":
                print("led on" if given[0] else "led off")
            case "sendBroadcast":
                self.start(["whenBroadcastReceived", given[0]])
            case "[data:join]":
                return "".join(map(str, given))
            case "[net:myMAC]":
                return CHIP
            case "analogReadOp":
                return 512
            case "wifiConnect":
                pass
            case "_MQTT set will":
                self.mqtt = Lwmqtt(given[4])
                self.mqtt.will = given[:4]
            case "MQTT connect to":
                host, size, *rest = given
                assert self.mqtt.size == size, "another size makes another client, without a will"
                self.mqtt.connect(host, *rest)
                print("connected" if self.mqtt.link else "no connection")
            case "MQTT connected":
                return self.mqtt is not None and self.mqtt.link is not None
            case "[net:MQTTLastEvent]":
                return self.mqtt.event()
            case "MQTT event topic":
                return given[0][0] if given[0] else ""
            case "MQTT event payload":
                return given[0][1] if given[0] else ""
            case "MQTT sub":
                return self.mqtt.subscribe(given[0])
            case "MQTT pub":
                return self.mqtt.publish(*given[:3])
            case _:
                raise NotImplementedError(name)


path, CHIP, PORT, KEEP_ALIVE = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
presses = queue.Queue()
threading.Thread(target=lambda: [presses.put(line) for line in sys.stdin], daemon=True).start()
sys.stdout.reconfigure(line_buffering=True)
with open(path, encoding="utf-8") as file:
    board = Board(Parser(file.read()).scripts())
while True:
    board.step()
    if not presses.empty() and presses.get().strip() == "press":
        board.start(["whenButtonPressed", "A"])
    time.sleep(0.002)

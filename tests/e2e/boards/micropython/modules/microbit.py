# A micro:bit with an ESP-AT module at its pins: the AT commands that the program uses, as their documentation has them, with
# umqtt behind them. Tells when it is connected, since the program has no screen for that.
import board
import socket
import time
from umqtt import simple

pin1 = pin2 = None


def running_time():
    return time.ticks_ms()


def sleep(milliseconds):
    board.sleep(milliseconds)


def temperature():
    return 21


class Image:
    HEART = "heart"


class Display:
    def show(self, _image):
        print("led on")

    def clear(self):
        print("led off")


class Button:
    """Remembers a press until it is asked, as that of the micro:bit does."""

    def was_pressed(self):
        is_down = board.is_down()
        was_down, self.was_down = getattr(self, "was_down", False), is_down
        return is_down and not was_down


class LimitedSocket(socket.socket):
    heard = 0

    def __init__(self):
        super().__init__()
        self.limit = 5000

    def setblocking(self, is_blocking):
        self.limit = 5000 if is_blocking else 0

    def read(self, size):
        data = super().read(size)
        if data:
            LimitedSocket.heard = time.ticks_ms()
        return data


class Sockets:
    getaddrinfo = socket.getaddrinfo
    socket = LimitedSocket


simple.socket = Sockets


class Module:
    """ESP-AT at the serial line."""

    def __init__(self):
        self.said = b""
        self.client = None

    def init(self, **_):
        pass

    def write(self, command):
        name, _, given = command.strip().partition("=")
        try:
            self.obey(name, values(given))
            self.say("OK")
        except Exception:
            self.say("ERROR")

    def obey(self, name, given):
        if name == "AT+MQTTUSERCFG":
            self.user = given[2:5]
        elif name == "AT+MQTTCONNCFG":
            self.keep_alive, _, self.topic, self.will, qos, retain = given[1:7]
            self.will_flags = retain == "1", int(qos)
        elif name == "AT+MQTTCONN":
            name, user, password = self.user
            seconds = int(self.keep_alive)
            client = simple.MQTTClient(name, given[1], int(given[2]), user, password, seconds)
            client.set_callback(self.received)
            client.set_last_will(self.topic, self.will, *self.will_flags)
            client.connect()
            self.client, self.pinged = client, time.ticks_ms()
            self.say("+MQTTCONNECTED:0")
            print("connected")
        elif name == "AT+MQTTSUB":
            self.client.subscribe(given[1])
        elif name == "AT+MQTTPUB":
            self.client.publish(given[1], given[2], given[4] == "1")
        elif name == "AT+MQTTCLEAN":
            if self.client is None:
                raise OSError("not connected")
            self.client.sock.close()
            self.client = None

    def any(self):
        if self.client:
            try:
                self.look()
            except Exception:
                self.client.sock.close()
                self.client = None
                self.say("+MQTTDISCONNECTED:0")
                print("not connected")
        return len(self.said)

    def look(self):
        self.client.check_msg()
        half = int(self.keep_alive) * 500
        if time.ticks_diff(time.ticks_ms(), self.pinged) > half:
            self.pinged = time.ticks_ms()
            self.client.ping()
        if time.ticks_diff(time.ticks_ms(), LimitedSocket.heard) > 3 * half:
            raise OSError("silence")

    def read(self, size):
        read, self.said = self.said[:size], self.said[size:]
        return read

    def received(self, topic, message):
        start = b'+MQTTSUBRECV:0,"' + topic + b'",' + str(len(message)).encode() + b","
        self.said += start + message + b"\r\n"

    def say(self, line):
        self.said += line.encode() + b"\r\n"


def values(given):
    """Values between commas, without their quotes."""
    return [value.strip('"') for value in given.split(",")]


display = Display()
button_a = Button()
uart = Module()

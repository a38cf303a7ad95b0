# A button, a sensor and a light that talk to Scratch. MicroPython, with umqtt.robust.
#
# board_simple.py is the better one: there the button works while the network is gone. This one
# shows what umqtt.robust needs to be of use. On the board: mpremote mip install umqtt.robust
# Questions and answers: docs/boards/micropython.md

import binascii
import machine
import network
import socket
import time
from umqtt import robust, simple

# ---- Settings: fill in these lines --------------------------------------------------------------
WIFI_NAME = "the name of your Wi-Fi"
WIFI_PASSWORD = "its password"
BROKER = "192.168.1.10"  # the computer with the broker; "localhost" would be the board itself
PORT = 1883
NAME = "board-1"  # another one for each board
USER = "class"  # "" where nobody needs to log in
PASSWORD = "the class word"  # the teacher has it
TOPIC = "board-1"  # all topics of this board begin so; in the room red: "red/board-1"
KEEP_ALIVE = 15  # seconds: a network that is gone is noticed after one and a half of them
RETRY = 3  # seconds between two attempts to connect
SENSOR_EVERY = 10  # seconds
# -------------------------------------------------------------------------------------------------

BUTTON_PAUSE_MS = 300  # after a press the button is not looked at for so long
TIMEOUT = 5  # seconds that one step on the network may take
MOST_BYTES = 1024  # a longer message is thrown away, so that it cannot fill the memory

button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)  # "boot" or "flash"; 0 means pressed
light = machine.Pin(2, machine.Pin.OUT)  # Pico W: machine.Pin("LED", machine.Pin.OUT)
sensor = machine.ADC(machine.Pin(34))  # ESP8266: machine.ADC(0); Pico W: machine.ADC(26)

# Two boards with this program and the same NAME still have two client ids.
CLIENT_ID = "{}-{}".format(NAME, binascii.hexlify(machine.unique_id()).decode()[-6:])


def topic(end):
    # As bytes: umqtt counts characters, MQTT counts bytes, and "é" is two of them.
    return "{}/{}".format(TOPIC, end).encode()


class PatientSocket:
    """A socket that gives up after TIMEOUT seconds, as in board_simple.py."""

    heard = 0  # when something came last

    def __init__(self):
        self.sock = socket.socket()
        self.sock.settimeout(TIMEOUT)

    def settimeout(self, seconds):
        self.sock.settimeout(TIMEOUT if seconds is None else seconds)

    def setblocking(self, is_blocking):
        self.sock.settimeout(TIMEOUT if is_blocking else 0)

    def read(self, size):
        if size > MOST_BYTES:
            while size > 0:
                data = self.read(min(size, 256))
                if not data:
                    raise OSError("cut off")
                size -= len(data)
            return b""
        data = self.sock.read(size)
        if data:
            PatientSocket.heard = time.ticks_ms()
        return data

    def __getattr__(self, name):
        return getattr(self.sock, name)


class Sockets:
    getaddrinfo = socket.getaddrinfo
    socket = PatientSocket


simple.socket = Sockets  # from now on umqtt's sockets are patient ones


class Client(robust.MQTTClient):
    """umqtt.robust comes back by itself, but it does not subscribe again: after a restart of the
    broker it would be deaf. It also leaves the old socket open, and waits for a message after it
    came back, even where the program only wanted to look. So:"""

    is_starting = False

    def start(self):
        self.is_starting = True  # no reconnect inside of a reconnect
        try:
            self.connect()
            self.subscribe(topic("led"))
            simple.MQTTClient.publish(self, topic("status"), b"online", True)
        finally:
            self.is_starting = False
        print("connected as", CLIENT_ID)

    def reconnect(self):
        """umqtt.robust calls this after each failure. Nothing else runs until it ends."""
        while True:
            self.close()
            time.sleep(RETRY)
            try:
                return self.start()
            except Exception as error:
                print("not connected:", repr(error))

    def wait_msg(self):
        try:
            return simple.MQTTClient.wait_msg(self)
        except Exception as error:
            if self.is_starting:
                raise
            print("not connected:", repr(error))
            self.reconnect()

    def close(self):
        try:
            self.sock.close()
        except Exception:
            pass


def passed(since, milliseconds):
    """Whether so much time has passed. ticks_ms begins anew after days, ticks_diff knows that."""
    return time.ticks_diff(time.ticks_ms(), since) >= milliseconds


def on_message(name, message):
    """A message has come. An empty one may have been too long."""
    if name == topic("led") and message == b"on":
        light.on()
    elif name == topic("led") and message == b"off":
        light.off()
    else:
        print("not understood:", name, message)


wifi = network.WLAN(network.STA_IF)
wifi.active(True)
wifi.disconnect()
wifi.connect(WIFI_NAME, WIFI_PASSWORD)  # the board looks for it by itself, also later
while not wifi.isconnected():
    time.sleep_ms(100)

client = Client(CLIENT_ID.encode(), BROKER, PORT, USER or None, PASSWORD, KEEP_ALIVE)
client.set_callback(on_message)
# When we are lost, the broker says so for us, and keeps it for those who come later.
client.set_last_will(topic("status"), b"offline", True, 1)
client.reconnect()

pinged = pressed = measured = time.ticks_ms()
while True:
    client.check_msg()  # takes one message, and does not wait for it
    if passed(pinged, KEEP_ALIVE * 500):
        pinged = time.ticks_ms()
        try:
            client.ping()  # umqtt does not ping by itself, and this may raise
            if passed(PatientSocket.heard, KEEP_ALIVE * 1500):
                raise OSError("nothing heard from the broker")
        except OSError as error:
            print("not connected:", repr(error))
            client.reconnect()
    if button.value() == 0 and passed(pressed, BUTTON_PAUSE_MS):
        client.publish(topic("button"), b"pressed")  # goes on when it is sent, however late
        print("pressed")
    if button.value() == 0:
        pressed = time.ticks_ms()  # held down: still the same press
    if passed(measured, SENSOR_EVERY * 1000):
        measured = time.ticks_ms()
        client.publish(topic("sensor"), str(sensor.read_u16()).encode())
    time.sleep_ms(10)

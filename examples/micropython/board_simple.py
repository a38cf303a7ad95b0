# A button, a sensor and a light that talk to Scratch. MicroPython, with umqtt.simple.
#
# Copy it to the board as main.py. umqtt is there already, or: mpremote mip install umqtt.simple
# Questions and answers: docs/boards/micropython.md

import binascii
import machine
import network
import socket
import time
from umqtt import simple

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
WIFI_PATIENCE_MS = 20_000  # then the board asks for the Wi-Fi again

button = machine.Pin(0, machine.Pin.IN, machine.Pin.PULL_UP)  # "boot" or "flash"; 0 means pressed
light = machine.Pin(2, machine.Pin.OUT)  # Pico W: machine.Pin("LED", machine.Pin.OUT)
sensor = machine.ADC(machine.Pin(34))  # ESP8266: machine.ADC(0); Pico W: machine.ADC(26)

# Two boards with this program and the same NAME still have two client ids.
CLIENT_ID = "{}-{}".format(NAME, binascii.hexlify(machine.unique_id()).decode()[-6:])


def topic(end):
    # As bytes: umqtt counts characters, MQTT counts bytes, and "é" is two of them.
    return "{}/{}".format(TOPIC, end).encode()


class PatientSocket:
    """A socket that gives up after TIMEOUT seconds. umqtt's own may wait for ever, for example
    when the network goes while a message is coming in."""

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

wifi = network.WLAN(network.STA_IF)
client = None  # None: not connected
wifi_asked = time.ticks_ms()
tried = time.ticks_add(time.ticks_ms(), -RETRY * 1000)
pinged = pressed = measured = time.ticks_ms()


def passed(since, milliseconds):
    """Whether so much time has passed. ticks_ms begins anew after days, ticks_diff knows that."""
    return time.ticks_diff(time.ticks_ms(), since) >= milliseconds


def join_wifi():
    """Does not wait: the board goes on looking for the Wi-Fi by itself."""
    global wifi_asked
    wifi_asked = time.ticks_ms()
    wifi.active(True)
    wifi.disconnect()
    wifi.connect(WIFI_NAME, WIFI_PASSWORD)


def have_wifi():
    if not wifi.isconnected() and passed(wifi_asked, WIFI_PATIENCE_MS):
        join_wifi()
    return wifi.isconnected()


def connect():
    """One attempt. A new client each time, with a session of its own: what the broker knew of us is
    gone when the broker was started again, so we subscribe and say "online" every time."""
    global client, pinged
    new = simple.MQTTClient(CLIENT_ID.encode(), BROKER, PORT, USER or None, PASSWORD, KEEP_ALIVE)
    new.set_callback(on_message)
    # When we are lost, the broker says so for us, and keeps it for those who come later.
    new.set_last_will(topic("status"), b"offline", True, 1)
    try:
        new.connect()
        new.subscribe(topic("led"))
        new.publish(topic("status"), b"online", True)
    except Exception:
        close(new)
        raise
    client = new
    pinged = time.ticks_ms()
    print("connected as", CLIENT_ID)


def lost(error):
    """Something raised: OSError where the connection is gone, others where half a packet came."""
    global client, tried
    print("not connected:", repr(error))
    if client:
        close(client)
    client = None
    tried = time.ticks_ms()


def close(old):
    # A board has few sockets: one that is not closed is missing later.
    try:
        old.sock.close()
    except Exception:
        pass


def publish(end, text):
    """True when it is sent. Never raises; what is not sent is not sent later."""
    if client is None:
        return False
    try:
        client.publish(topic(end), text.encode())
        return True
    except Exception as error:
        lost(error)
        return False


def on_message(name, message):
    """A message has come. An empty one may have been too long."""
    if name == topic("led") and message == b"on":
        light.on()
    elif name == topic("led") and message == b"off":
        light.off()
    else:
        print("not understood:", name, message)


def look_after_connection():
    global tried, pinged
    if client is None:
        if have_wifi() and passed(tried, RETRY * 1000):
            tried = time.ticks_ms()
            try:
                connect()
            except Exception as error:
                lost(error)
        return
    try:
        client.check_msg()  # takes one message, and does not wait for it
        # umqtt does not ping by itself. Without a ping the broker takes us for dead, and we cannot
        # see that the network is gone: nothing comes, and nothing is what comes from a quiet one.
        if passed(pinged, KEEP_ALIVE * 500):
            pinged = time.ticks_ms()
            client.ping()
        if passed(PatientSocket.heard, KEEP_ALIVE * 1500):
            raise OSError("nothing heard from the broker")
    except Exception as error:
        lost(error)


def look_at_button():
    global pressed
    if button.value() == 0 and passed(pressed, BUTTON_PAUSE_MS):
        if publish("button", "pressed"):
            print("pressed")
    if button.value() == 0:
        pressed = time.ticks_ms()  # held down: still the same press


def look_at_sensor():
    global measured
    if passed(measured, SENSOR_EVERY * 1000):
        measured = time.ticks_ms()
        publish("sensor", str(sensor.read_u16()))


join_wifi()
while True:
    look_after_connection()
    look_at_button()
    look_at_sensor()
    time.sleep_ms(10)

# A button, a sensor and a light that talk to Scratch: a micro:bit with an ESP module on its pins.
#
# MicroPython of the micro:bit (python.microbit.org). The module (ESP8266 or ESP32) has Espressif's
# firmware ESP-AT 2.1 or newer. Its TX goes to pin 1, its RX to pin 2, GND to GND, and its 3.3 V
# come from a supply of its own: the micro:bit cannot give it enough.
# Questions and answers: docs/boards/microbit.md

from microbit import *

# ---- Settings: fill in these lines --------------------------------------------------------------
WIFI_NAME = "the name of your Wi-Fi"
WIFI_PASSWORD = "its password"
BROKER = "192.168.1.10"  # the computer with the broker, never "localhost"
PORT = 1883
NAME = "board-1"  # another one for each board
USER = "class"  # "" where nobody needs to log in
PASSWORD = "the class word"  # the teacher has it
TOPIC = "board-1"  # all topics of this board begin so; in the room red: "red/board-1"
KEEP_ALIVE = 15  # seconds
RETRY = 3  # seconds between two attempts to connect
SENSOR_EVERY = 10  # seconds
# -------------------------------------------------------------------------------------------------

BUTTON_PAUSE_MS = 300
TIMEOUT = 5  # seconds that one command may take
MOST_BYTES = 256  # what came and has no end of line yet; more than that is thrown away

unread = b""
is_connected = False


def take_line():
    """A line of the module, or None. Never waits."""
    global unread
    while b"\n" not in unread:
        if not uart.any():
            return None
        unread = unread[-MOST_BYTES:] + uart.read(64)
    line, unread = unread.split(b"\n", 1)
    return line.strip()


def ask(command, seconds=TIMEOUT):
    """Sends a command and waits for its answer, but not for ever. True when it is OK."""
    uart.write(command + "\r\n")
    since = running_time()
    while running_time() - since < seconds * 1000:
        line = take_line()
        if line == b"OK":
            return True
        if line in (b"ERROR", b"FAIL"):
            return False
        if line:
            understand(line)
        sleep(5)
    return False


def connect():
    """One attempt, some seconds long. True when all of it went well."""
    ask("AT+MQTTCLEAN=0")  # ends what was left; says ERROR when nothing was
    return (
        ask("AT+CWMODE=1")
        and ask('AT+CWJAP="{}","{}"'.format(WIFI_NAME, WIFI_PASSWORD), 20)
        and ask('AT+MQTTUSERCFG=0,1,"{}","{}","{}",0,0,""'.format(NAME, USER, PASSWORD))
        # A clean session; the will says "offline" for us when we are lost, and is kept.
        and ask('AT+MQTTCONNCFG=0,{},0,"{}/status","offline",1,1'.format(KEEP_ALIVE, TOPIC))
        and ask('AT+MQTTCONN=0,"{}",{},0'.format(BROKER, PORT), 10)
        and ask('AT+MQTTSUB=0,"{}/led",0'.format(TOPIC))
        and publish("status", "online", 1)
    )


def publish(end, text, kept=0):
    """True when the module has sent it. A text with " or , needs AT+MQTTPUBRAW instead."""
    return ask('AT+MQTTPUB=0,"{}/{}","{}",0,{}'.format(TOPIC, end, text, kept))


def understand(line):
    """What the module says by itself."""
    global is_connected
    if line.startswith(b"+MQTTSUBRECV:"):
        if line.endswith(b",on"):
            display.show(Image.HEART)
        elif line.endswith(b",off"):
            display.clear()
    elif line.startswith(b"+MQTTDISCONNECTED") or line.startswith(b"WIFI DISCONNECT"):
        is_connected = False


uart.init(baudrate=115200, tx=pin2, rx=pin1)
ask("ATE0")  # no echo
pressed = measured = running_time()
tried = -RETRY * 1000
while True:
    now = running_time()
    if not is_connected and now - tried >= RETRY * 1000:
        is_connected = connect()
        tried = running_time()
    line = take_line()
    while line is not None:
        understand(line)
        line = take_line()
    if is_connected and button_a.was_pressed() and now - pressed >= BUTTON_PAUSE_MS:
        pressed = now
        publish("button", "pressed")
    if is_connected and now - measured >= SENSOR_EVERY * 1000:
        measured = now
        publish("sensor", str(temperature()))
    sleep(10)

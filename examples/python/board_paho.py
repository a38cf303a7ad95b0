# A button, a sensor and a light that talk to Scratch, on a computer or a Raspberry Pi.
# Python 3.7 or newer, with paho-mqtt 2: pip install "paho-mqtt>=2,<3"
#
# The Enter key is the button and the screen is the light.
# Questions and answers: docs/boards/python.md

import random
import threading
import time
import uuid

import paho.mqtt.client as mqtt

# ---- Settings: fill in these lines --------------------------------------------------------------
BROKER = "192.168.1.10"  # the computer with the broker; "localhost" is this computer
PORT = 1883
NAME = "board-1"  # another one for each program
USER = "class"  # "" where nobody needs to log in
PASSWORD = "the class word"  # the teacher has it
TOPIC = "board-1"  # all topics of this board begin so; in the room red: "red/board-1"
KEEP_ALIVE = 15  # seconds: a network that is gone is noticed after two of them at most
RETRY = 3  # seconds between two attempts to connect
SENSOR_EVERY = 10  # seconds
# -------------------------------------------------------------------------------------------------

BUTTON_PAUSE = 0.3  # seconds: after a press the button is not looked at for so long

# Two programs with the same NAME still have two client ids.
CLIENT_ID = f"{NAME}-{uuid.uuid4().hex[:6]}"


def topic(end):
    return f"{TOPIC}/{end}"


def on_connect(client, _data, _flags, reason, _properties):
    """After each connect, also when the network or the broker was away: what the broker knew of us
    may be gone, so we subscribe and say "online" every time."""
    if reason.is_failure:
        print("refused:", reason)  # a wrong password, for example; paho tries again
        return
    client.subscribe(topic("led"))
    client.publish(topic("status"), "online", qos=1, retain=True)
    print("connected as", CLIENT_ID)


def on_disconnect(_client, _data, _flags, reason, _properties):
    print("not connected:", reason)


def on_message(_client, _data, message):
    """paho calls this in a thread of its own. What raises here would end that thread."""
    if message.topic == topic("led") and message.payload in (b"on", b"off"):
        print("led", message.payload.decode())
    else:
        print("not understood:", message.topic, message.payload[:40])


def publish(end, text):
    """True when it went on its way. Never raises; what is not sent is not sent later: without the
    first line paho would keep messages of QoS 1 and 2, and send all of them when it is back."""
    return client.is_connected() and client.publish(topic(end), text).rc == mqtt.MQTT_ERR_SUCCESS


def read_sensor():
    return round(20 + random.random() * 5, 1)  # put your sensor here


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=CLIENT_ID)
if USER:
    client.username_pw_set(USER, PASSWORD)
# When we are lost, the broker says so for us, and keeps it for those who come later.
client.will_set(topic("status"), "offline", qos=1, retain=True)
client.reconnect_delay_set(min_delay=1, max_delay=RETRY)
client.on_connect = on_connect
client.on_disconnect = on_disconnect
client.on_message = on_message
# connect_async and loop_start do not raise when the broker is not there: they go on trying.
client.connect_async(BROKER, PORT, KEEP_ALIVE)
client.loop_start()


def measure():
    while True:
        time.sleep(SENSOR_EVERY)
        publish("sensor", str(read_sensor()))


threading.Thread(target=measure, daemon=True).start()
pressed = 0.0
try:
    while True:
        input()
        if time.monotonic() - pressed >= BUTTON_PAUSE and publish("button", "pressed"):
            print("pressed")
        pressed = time.monotonic()
except (EOFError, KeyboardInterrupt):
    # A good-bye: a client that disconnects has no will.
    if client.is_connected():
        client.publish(topic("status"), "offline", qos=1, retain=True).wait_for_publish(2)
    client.disconnect()
    client.loop_stop()

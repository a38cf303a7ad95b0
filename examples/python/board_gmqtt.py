# A button, a sensor and a light that talk to Scratch, on a computer or a Raspberry Pi.
# Python 3.10 or newer with asyncio, MQTT 5: pip install gmqtt
#
# The Enter key is the button and the screen is the light.
# Questions and answers: docs/boards/python.md

import asyncio
import random
import sys
import time
import uuid

import gmqtt

# ---- Settings: fill in these lines --------------------------------------------------------------
BROKER = "192.168.1.10"  # the computer with the broker; "localhost" is this computer
PORT = 1883
NAME = "board-1"  # another one for each program
USER = "class"  # "" where nobody needs to log in
PASSWORD = "the class word"  # the teacher has it
TOPIC = "board-1"  # all topics of this board begin so; in the room red: "red/board-1"
KEEP_ALIVE = 15  # seconds: a network that is gone is noticed after two and a half of them at most
RETRY = 3  # seconds between two attempts to connect
SENSOR_EVERY = 10  # seconds
# -------------------------------------------------------------------------------------------------

BUTTON_PAUSE = 0.3  # seconds: after a press the button is not looked at for so long

# Two programs with the same NAME still have two client ids.
CLIENT_ID = f"{NAME}-{uuid.uuid4().hex[:6]}"


def topic(end):
    return f"{TOPIC}/{end}"


def on_connect(client, _flags, _reason, _properties):
    """After each connect, also when the network or the broker was away: what the broker knew of us
    may be gone, so we subscribe and say "online" every time."""
    client.subscribe(topic("led"))
    client.publish(topic("status"), "online", qos=1, retain=True)
    print("connected as", CLIENT_ID)


def on_disconnect(_client, _packet, error=None):
    print("not connected:", error)


def on_message(_client, name, message, _qos, _properties):
    if name == topic("led") and message in (b"on", b"off"):
        print("led", message.decode())
    else:
        print("not understood:", name, message[:40])
    return 0  # the reason code of MQTT 5 for "all is well"


def publish(end, text):
    """True when it went on its way. What is not sent is not sent later."""
    if not client.is_connected:
        return False
    client.publish(topic(end), text)
    return True


def read_sensor():
    return round(20 + random.random() * 5, 1)  # put your sensor here


async def connect():
    """The first attempt raises where no broker is; after it gmqtt comes back by itself."""
    while True:
        try:
            return await client.connect(BROKER, PORT, keepalive=KEEP_ALIVE)
        except (OSError, gmqtt.MQTTConnectError) as error:
            print("not connected:", repr(error))
            await asyncio.sleep(RETRY)


async def measure():
    while True:
        await asyncio.sleep(SENSOR_EVERY)
        publish("sensor", str(read_sensor()))


async def look_at_button():
    """Reads the keyboard in a thread, because reading waits and nothing here may wait."""
    pressed = 0.0
    while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        if time.monotonic() - pressed >= BUTTON_PAUSE and publish("button", "pressed"):
            print("pressed")
        pressed = time.monotonic()


async def main():
    connecting = asyncio.create_task(connect())
    measuring = asyncio.create_task(measure())
    await look_at_button()
    # A good-bye: a client that disconnects has no will.
    connecting.cancel()
    measuring.cancel()
    if client.is_connected:
        client.publish(topic("status"), "offline", qos=1, retain=True)
        await client.disconnect()


# When we are lost, the broker says so for us, and keeps it for those who come later.
will = gmqtt.Message(topic("status"), "offline", qos=1, retain=True)
client = gmqtt.Client(CLIENT_ID, clean_session=True, will_message=will)
if USER:
    client.set_auth_credentials(USER, PASSWORD)
client.set_config({"reconnect_delay": RETRY, "reconnect_retries": -1})  # -1: for ever
client.on_connect = on_connect
client.on_disconnect = on_disconnect
client.on_message = on_message
asyncio.run(main())

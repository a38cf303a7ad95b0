"""paho-mqtt as a peer of the tests: see peer.py for its commands and what it reports."""

import paho.mqtt.client as mqtt

import peer

options = peer.options()
client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=options["clientId"])
client.username_pw_set(options["username"], options["password"])
if "will" in options:
    will = options["will"]
    client.will_set(will["topic"], bytes.fromhex(will["payload"]), will["qos"], will["retain"])
client.on_connect = lambda *_: peer.report("connected")
client.on_message = lambda _client, _data, message: peer.tell_message(
    message.topic, message.payload, message.qos, message.retain
)
client.connect(options["host"], options["port"])
client.loop_start()
for command in peer.commands():
    if command["do"] == "subscribe":
        client.subscribe(command["filter"], command["qos"])
    elif command["do"] == "publish":
        client.publish(
            command["topic"], bytes.fromhex(command["payload"]), command["qos"], command["retain"]
        )
client.disconnect()
client.loop_stop()

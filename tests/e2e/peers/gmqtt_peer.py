"""gmqtt as a peer of the tests, in MQTT 5.0: see peer.py for its commands and what it reports."""

import asyncio

import gmqtt

import peer


async def main():
    options = peer.options()
    will = options.get("will")
    will_message = will and gmqtt.Message(
        will["topic"], bytes.fromhex(will["payload"]), will["qos"], will["retain"]
    )
    client = gmqtt.Client(options["clientId"], will_message=will_message)
    client.set_auth_credentials(options["username"], options["password"])
    client.on_connect = lambda *_: peer.report("connected")
    client.on_message = lambda _client, topic, payload, qos, properties: peer.tell_message(
        topic, payload, qos, properties.get("retain", False)
    )
    await client.connect(options["host"], options["port"])
    lines = iter(peer.commands())
    loop = asyncio.get_running_loop()
    while (command := await loop.run_in_executor(None, next, lines, None)) is not None:
        if command["do"] == "subscribe":
            client.subscribe(command["filter"], qos=command["qos"])
        elif command["do"] == "publish":
            client.publish(
                command["topic"],
                bytes.fromhex(command["payload"]),
                qos=command["qos"],
                retain=command["retain"],
            )
    await client.disconnect()


asyncio.run(main())

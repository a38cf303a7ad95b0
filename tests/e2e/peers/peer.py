"""How a peer written in Python talks with the test: one JSON object in each line.

The options are the first argument. Commands come from standard input, until it ends. Payloads are hexadecimal.
"""

import json
import sys


def options():
    return json.loads(sys.argv[1])


def commands():
    for line in sys.stdin:
        yield json.loads(line)


def report(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def tell_message(topic, payload, qos, retain):
    report("message", topic=topic, payload=bytes(payload).hex(), qos=qos, retain=bool(retain))

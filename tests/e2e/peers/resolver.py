"""Finds names and services on the network by multicast DNS, until standard input ends.

Reads lines `name HOST`, `service TYPE` or `page PLACE HOST`, and repeats each with its answer as JSON.
"""

import http.client
import json
import socket
import sys

from zeroconf import AddressResolverIPv4, ServiceBrowser, Zeroconf

PATIENCE_MS = 5000


class Found:
    """Remembers the services of one type."""

    def __init__(self):
        self.names = set()

    def add_service(self, _zeroconf, _kind, name):
        self.names.add(name)

    update_service = add_service

    def remove_service(self, _zeroconf, _kind, name):
        self.names.discard(name)


class Resolver:
    def __init__(self):
        self.zeroconf = Zeroconf()
        self.found = {}

    def name(self, host):
        """The addresses of a name."""
        resolver = AddressResolverIPv4(f"{host}.")
        resolver.request(self.zeroconf, PATIENCE_MS)
        return resolver.parsed_addresses()

    def service(self, kind):
        """Where the services of a type are, by the name of the computer."""
        kind = f"{kind}.local."
        if kind not in self.found:
            self.found[kind] = Found()
            ServiceBrowser(self.zeroconf, kind, self.found[kind])
        infos = [self.zeroconf.get_service_info(kind, name, PATIENCE_MS) for name in list(self.found[kind].names)]
        places = [
            {"server": info.server, "port": info.port, "addresses": [socket.inet_ntoa(one) for one in info.addresses]}
            for info in infos
            if info
        ]
        return sorted(places, key=lambda place: place["server"])

    def page(self, place, host):
        """The status of a page that asks under a name."""
        connection = http.client.HTTPConnection(place, timeout=PATIENCE_MS / 1000)
        connection.request("GET", "/local.json", headers={"Host": host})
        return connection.getresponse().status


def main():
    resolver = Resolver()
    for line in sys.stdin:
        what, *values = line.split()
        answer = getattr(resolver, what)(*values)
        print(f"{line.strip()}: {json.dumps(answer, separators=(',', ':'))}", flush=True)


main()

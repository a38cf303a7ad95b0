#!/usr/bin/env bash
# On each of the two computers of two-computers.sh a class server; then the resolver on the first.
# two-computers.sh bash two-class-servers.sh SERVER RESOLVER [ARGUMENT…]
set -euo pipefail
server=$1
shift

listen=(0.0.0.0:1883 0.0.0.0:8083 --pages 0.0.0.0:8000)
# They run as long as their standard input is open.
sleep infinity | "$server" "${listen[@]}" >&2 &
# The one that has the name is the one that came first: it claims it for a while before it has it.
until "$@" <<<'name scratch-mqtt.local' | grep --quiet 192.168.77.1; do :; done
sleep infinity | ip netns exec second "$server" "${listen[@]}" >&2 &
exec "$@"

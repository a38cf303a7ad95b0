#!/usr/bin/env bash
# Two computers on a network of their own, 192.168.77.1 and .2, with a class server each; then a program on the first.
# two-class-servers.sh SERVER PROGRAM [ARGUMENT…], as root of new network, mount and process namespaces.
set -euo pipefail
server=$1
shift

# Names of network namespaces are files there.
mount -t tmpfs tmpfs /run
ip link set lo up
ip netns add second
ip link add here type veth peer name there netns second
ip address add 192.168.77.1/24 dev here
ip link set here up
ip -netns second link set lo up
ip -netns second address add 192.168.77.2/24 dev there
ip -netns second link set there up

listen=(0.0.0.0:1883 0.0.0.0:8083 --pages 0.0.0.0:8000)
# They run as long as their standard input is open.
sleep infinity | "$server" "${listen[@]}" >&2 &
# The one that has the name is the one that came first.
until curl --silent --output /dev/null --max-time 1 http://localhost:8000/; do sleep 0.1; done
sleep infinity | ip netns exec second "$server" "${listen[@]}" >&2 &
exec "$@"

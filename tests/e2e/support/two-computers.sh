#!/usr/bin/env bash
# Two computers on a network of their own, 192.168.77.1 and .2, with no way to any other; runs a program on the first.
# two-computers.sh PROGRAM [ARGUMENT…], as root of new network, mount and process namespaces. What starts with
# `ip netns exec second` runs on the second.
set -euo pipefail

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

exec "$@"

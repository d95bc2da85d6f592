#!/bin/sh
# Runs a server while this script's standard input stays open. Then it kills the server with every
# process in its group, and removes its directory. Tests start their servers through this script:
# the pipe closes when the test process ends, however it ends, so nothing outlives a test run.
#
#   keep.sh DIRECTORY COMMAND [ARGUMENT…]

directory=$1
shift
exec 3<&0

setsid "$@" </dev/null 3<&- &
server=$!
( read -r _ <&3; kill -s KILL -- "-$server" "$server" ) 2>/dev/null &
watch=$!

wait "$server"
status=$?
kill -s KILL -- "-$server" 2>/dev/null
kill "$watch" 2>/dev/null
rm -rf -- "$directory"
exit "$status"

#!/bin/sh
# Runs a server until this script's standard input is closed. Then kills every process in the
# server's group, and removes the server's directory.
#
# Tests start their servers through this script. Its standard input is a pipe from the test process.
# The pipe closes when that process ends, even if it is killed, so no server outlives a test run.
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

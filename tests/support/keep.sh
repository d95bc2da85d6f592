#!/bin/sh
# Runs a server for as long as this script's standard input stays open, then ends it together with
# every process it has started, and removes its directory. Tests start their servers through this:
# the pipe closes when the test process ends, however it ends, so that nothing outlives a test run.
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

#!/bin/sh
# A throw-away PostgreSQL server for tests.
#
# Prints the URL of the server, and stops it and removes its files when standard input ends: so it goes with whoever
# started it, however that one ends. It listens on a socket in its own folder and on a port of the loopback address.
# Exit code 3: there is no PostgreSQL here.
set -eu

bin=
for folder in $(echo "$PATH" | tr ':' ' ') $(ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin 2>/dev/null | sort -rV); do
    # A folder of links leads to PostgreSQL's own, which has the rest.
    if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ]; then
        bin=$(dirname "$(readlink -f "$folder/postgres")")
        break
    fi
done
[ -n "$bin" ] || { echo "no PostgreSQL: neither in PATH nor in /usr/lib/postgresql" >&2; exit 3; }

folder=$(mktemp -d)
server=
finish() {
    trap - EXIT INT TERM HUP
    if [ -n "$server" ]; then
        kill -INT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT
trap 'finish; exit 1' INT TERM HUP

# It refuses to run as the superuser.
run=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    run="setpriv --reuid postgres --regid postgres --clear-groups"
fi
cd "$folder"
if ! $run "$bin/initdb" --no-sync --pgdata "$folder/data" --username branchline --auth trust --encoding UTF8 \
    --locale C >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    exit 1
fi
tries=0
while :; do
    # Shells have no random number in common.
    port=$((20000 + ($$ * 7 + tries * 1009) % 20000))
    # Nothing here outlives the machine, so nothing waits for its disk. The input of the script is not the server's.
    $run "$bin/postgres" -D "$folder/data" -k "$folder" -p "$port" -h 127.0.0.1 -c fsync=off \
        -c max_connections=400 -c "max_wal_size=2GB" >"$folder/log" 2>&1 </dev/null &
    server=$!
    until grep -q 'ready to accept connections' "$folder/log"; do
        if ! kill -0 "$server" 2>/dev/null; then
            server=
            break
        fi
        sleep 0.05
    done
    [ -z "$server" ] || break
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || { cat "$folder/log" >&2; exit 1; }
done
echo "postgres://branchline@127.0.0.1:$port/postgres"

cat >/dev/null

#!/usr/bin/env bash
# side_by_side.sh WORKERS "TARGET..." [WORKERS "TARGET..." ...]: make targets from queues, each with workers of its own.
#
# Workers run at the same time: some compute while others wait for clusters. The first targets of a queue begin first, so
# the longest ones go there; who finds the own queue empty takes from the others. What a target prints is shown when it has ended, so that lines do not mix. After a failure
# every worker ends what it is at and begins nothing more, and the last that failed in a target is shown at the very end.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit
printed=$(mktemp -d)
trap 'rm -rf "$printed"' EXIT
# A worker is no job of the make that called this.
unset MAKEFLAGS MFLAGS MAKELEVEL
TIMEFORMAT='%0R s, %0U + %0S s of the processors'

# Take the first target of a queue.
next_target() {
    local queue=$1
    (
        flock 9
        head -n 1 "$queue"
        sed -i 1d "$queue"
    ) 9>"$queue.lock"
}

# What failed last in a target, with some lines before and after.
failure_of() {
    # Molecule puts colours and a frame around what others print.
    sed -E 's/\x1b\[[0-9;]*m//g; s/^ *│ ?//' "$printed/$1.log" | awk '
        /fatal: .*(FAILED|UNREACHABLE)|^E  |Traceback|[Ee]rror: / { last = NR }
        { lines[NR] = $0 }
        END {
            if (!last) last = NR
            for (number = last - 10; number <= last + 30 && number <= NR; number++)
                if (number > 0) print lines[number]
        }'
}

# Take the first target of the own queue, or of another one.
any_target() {
    local queue target
    for queue in "$1" "$printed"/queue.????; do
        target=$(next_target "$queue")
        [ -z "$target" ] || break
    done
    echo "$target"
}

work() {
    local target status taken
    while [ ! -e "$printed/failed" ] && target=$(any_target "$1") && [ -n "$target" ]; do
        echo "== $target: begins"
        status=0
        taken=$({ time make "$target" </dev/null >"$printed/$target.log" 2>&1; } 2>&1) || status=$?
        (
            flock 9
            cat "$printed/$target.log"
            if [ "$status" -eq 0 ]; then
                echo "== $target: passed in $taken"
            else
                echo "$target" >>"$printed/failed"
                echo "== $target: FAILED with status $status after $taken"
            fi
            echo "$taken: $target" >>"$printed/taken"
        ) 9>"$printed/lock"
    done
}

queues=()
while [ $# -gt 0 ]; do
    queue=$(mktemp "$printed/queue.XXXX")
    # shellcheck disable=SC2086 # a word is a target
    printf '%s\n' $2 >"$queue"
    for _ in $(seq "$1"); do
        queues+=("$queue")
    done
    shift 2
done
for queue in "${queues[@]}"; do
    work "$queue" &
done
wait
sort -rn "$printed/taken"
if [ -e "$printed/failed" ]; then
    while read -r target; do
        echo "== $target: what failed last in it"
        failure_of "$target"
    done <"$printed/failed"
    echo "Failed: $(tr '\n' ' ' <"$printed/failed")"
    exit 1
fi

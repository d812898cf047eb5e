#!/usr/bin/env bash
# side_by_side.sh "TARGET..." ["TARGET..." ...]: make targets in lanes; those of one lane run one after another.
#
# Lanes run at the same time: one computes while another waits for clusters. What a target prints is shown when it has
# ended, so that the lanes' lines do not mix. After a failure every lane ends what it is at and begins nothing more.
set -uo pipefail

cd "$(dirname "$0")/../.." || exit
printed=$(mktemp -d)
trap 'rm -rf "$printed"' EXIT
# A lane is no job of the make that called this.
unset MAKEFLAGS MFLAGS MAKELEVEL

run_lane() {
    local target started status
    for target in "$@"; do
        [ ! -e "$printed/failed" ] || return 0
        echo "== $target: begins"
        started=$SECONDS status=0
        make "$target" </dev/null >"$printed/$target" 2>&1 || status=$?
        (
            flock 9
            cat "$printed/$target"
            if [ "$status" -eq 0 ]; then
                echo "== $target: passed in $((SECONDS - started)) s"
            else
                echo "$target" >>"$printed/failed"
                echo "== $target: FAILED with status $status after $((SECONDS - started)) s"
            fi
        ) 9>"$printed/lock"
    done
}

for lane in "$@"; do
    # shellcheck disable=SC2086 # a word is a target
    run_lane $lane &
done
wait
if [ -e "$printed/failed" ]; then
    echo "Failed: $(tr '\n' ' ' <"$printed/failed")"
    exit 1
fi

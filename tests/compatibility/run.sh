#!/usr/bin/env bash
# run.sh [VERSION...]: unit tests and the package's tests with the other versions of ansible-core that are supported.
#
# What has nothing to do with ansible-core, which is nearly all of module_utils and the tests' own tools, is left to
# `make unit`.
#
# Each version has a virtual environment of its own under .cache. The version of .venv, which everything else runs on, is
# the newest one that Debian 12's Python can take; newer ones say which Python they need.
set -euo pipefail

cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- 2.18 2.20 2.21
for version in "$@"; do
    environment=.cache/ansible-$version
    requirements=tests/compatibility/ansible-$version
    python=$(sed -n 's/^# Needs Python \(3\.[0-9]*\) or newer.*/\1/p' "$requirements.in")
    if ! tests/workshop/setup.sh --python-for "${python:-3.11}" >/dev/null; then
        echo "== ansible-core $version: NOT TESTED, since it needs Python $python, which neither this system nor pyenv has"
        continue
    fi
    tests/workshop/setup.sh "$environment" "$requirements.txt" ${python:+"$python"}
    echo "== ansible-core $("$environment/bin/python" -c "from ansible.release import __version__; print(__version__)")"
    # What several clusters, tiers or runs do side by side is slow to test, and Ansible's own part of it is in the others too.
    playbooks=(tests/playbooks)
    for slow in holding ias many_clusters messaging_server new_tier; do
        playbooks+=(--ignore "tests/playbooks/test_$slow.py")
    done
    # A version between two that all playbooks are run with is left the unit tests and the package's.
    [ "$version" != 2.20 ] || playbooks=()
    PATH=$PWD/$environment/bin:$PATH pytest --numprocesses=2 tests/unit tests/package "${playbooks[@]}" \
        --ignore tests/unit/plugins/module_utils --ignore tests/unit/lab --ignore tests/unit/mutation \
        --ignore tests/unit/failover --ignore tests/unit/benchmark
done

#!/usr/bin/env bash
# run.sh: unit tests and the package's tests with the older versions of ansible-core that the collection supports.
#
# What has nothing to do with ansible-core, which is nearly all of module_utils, is left to `make unit`.
#
# Each version has a virtual environment of its own under .cache. The newest version is the one of .venv, which
# everything else runs on.
set -euo pipefail

cd "$(dirname "$0")/../.."
for requirements in tests/compatibility/*.txt; do
    environment=.cache/$(basename "$requirements" .txt)
    tests/workshop/setup.sh "$environment" "$requirements"
    echo "== ansible-core $("$environment/bin/python" -c "from ansible.release import __version__; print(__version__)")"
    PATH=$PWD/$environment/bin:$PATH pytest --numprocesses=2 tests/unit tests/package tests/playbooks \
        --ignore tests/unit/plugins/module_utils
done

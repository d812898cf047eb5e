#!/usr/bin/env bash
# run.sh: unit tests and playbooks with the older versions of ansible-core that the collection supports.
#
# Each version has a virtual environment of its own under .cache. The newest version is the one of .venv, which
# everything else runs on.
set -euo pipefail

cd "$(dirname "$0")/../.."
for requirements in tests/compatibility/*.txt; do
    name=$(basename "$requirements" .txt)
    environment=.cache/$name
    tests/workshop/setup.sh "$environment" "$requirements"
    echo "== $("$environment/bin/ansible" --version | head -n 1)"
    PATH=$PWD/$environment/bin:$PATH
    pytest tests/unit
    for playbook in playbooks/*.yml; do
        ansible-playbook --syntax-check --inventory inventories/demo "groupware.ha.$(basename "$playbook" .yml)"
    done
done

#!/usr/bin/env bash
# lock.sh: resolve the chosen tools (*.in) into pinned versions (*.txt). No index address gets into them.
set -euo pipefail

cd "$(dirname "$0")/../.."
resolve() {
    UV_SYSTEM_CERTS=1 uv pip compile --quiet --upgrade --universal --no-annotate \
        --no-emit-index-url --custom-compile-command "make lock" --python-version "$@"
}

resolve 3.11 requirements.in --output-file requirements.txt

# The same versions of the tools everywhere, except for what belongs to ansible-core.
for tools in tests/compatibility/ansible-*.in; do
    python=$(sed -n 's/^# Needs Python \(3\.[0-9]*\) or newer.*/\1/p' "$tools")
    resolve "${python:-3.11}" "$tools" --constraints <(grep -vE '^(ansible|ansible-core|resolvelib)==' requirements.txt) \
        --output-file "${tools%.in}.txt"
done

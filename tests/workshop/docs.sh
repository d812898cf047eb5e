#!/usr/bin/env bash
# docs.sh: build the documentation site of the collection's modules, filters and roles into build/docs.
set -euo pipefail

cd "$(dirname "$0")/../.."
rm -rf build/docs
mkdir -p build/docs/rst
antsibull-docs collection --use-current --squash-hierarchy --fail-on-error \
    --dest-dir build/docs/rst groupware.ha
cp docs/*.svg build/docs/rst/ 2>/dev/null || true
sphinx-build --quiet --jobs 2 -W -c docs build/docs/rst build/docs/html
echo "The documentation is in build/docs/html/index.html"

#!/usr/bin/env bash
# ansible-test.sh ARGUMENTS: run ansible-test on this checkout.
#
# ansible-test insists on a folder .../ansible_collections/groupware/ha. The checkout is mounted there in a mount
# namespace of its own: nobody else sees the mount, and it is gone when ansible-test ends. In the same way
# ansible-test's cache is kept in the checkout instead of the home directory.
set -euo pipefail

cd "$(dirname "$0")/../.."
collection=$PWD/.cache/ansible_collections/groupware/ha
cache=$PWD/.cache/ansible-test
pip_version=24.2 # the one that ansible-test of ansible-core 2.19 asks for
mkdir -p "$collection" "$cache/cache" "$HOME/.ansible/test"

# ansible-test would download a script that puts pip into its virtual environments. This one does the same with a
# wheel that comes from the package index in use, so that no other host has to be reachable.
if [ ! -e "$cache/cache/pip-$pip_version-py3-none-any.whl" ]; then
    pip download --quiet --no-deps --dest "$cache/cache" "pip==$pip_version"
fi
cp tests/workshop/get_pip.py "$cache/cache/get_pip_${pip_version//./_}.py"

namespace=(unshare --mount)
[ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)
# shellcheck disable=SC2016 # the inner shell expands its own arguments
exec "${namespace[@]}" sh -c '
    mount --bind "$1" "$2"
    mount --bind "$3" "$HOME/.ansible/test"
    cd "$2"
    shift 3
    exec ansible-test "$@"
' sh "$PWD" "$collection" "$cache" "$@"

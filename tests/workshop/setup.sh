#!/usr/bin/env bash
# setup.sh VENV REQUIREMENTS: bring a virtual environment up to date with its pinned requirements.
#
# The collection is linked into it, so that every tool finds groupware.ha whatever the checkout's folder is called.
# Debian packages that are missing get installed first. Nothing is done, quickly, when nothing has changed.
set -euo pipefail

venv=$1
requirements=$2
cd "$(dirname "$0")/../.."
python=/usr/bin/python3
[ -x "$python" ] || python=python3

mkdir -p .cache "$(dirname "$venv")"
exec 9>".cache/setup.lock"
flock 9

# The folder is part of the stamp: a virtual environment does not survive being moved.
stamp="$venv/.stamp-$({ pwd; cat "$requirements" packages.txt "$0"; } | sha256sum | cut -c 1-16)"
[ -e "$stamp" ] && exit 0

install_system_packages() {
    local wanted missing as_root=()
    mapfile -t wanted < <(sed -e 's/#.*//' -e '/^[[:space:]]*$/d' packages.txt)
    mapfile -t missing < <(
        for package in "${wanted[@]}"; do
            [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
        done
    )
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing Debian packages: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update --quiet=2
    # Tests start servers of their own: what a package would start at its installation is not wanted on this machine.
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        # shellcheck disable=SC2064 # what it is now
        trap "${as_root[*]} rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
        "${as_root[@]}" chmod 755 "$policy"
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends \
        -o DPkg::Lock::Timeout=300 "${missing[@]}" >/dev/null
    if [ -n "$(trap -p EXIT)" ]; then
        "${as_root[@]}" rm -f "$policy"
        trap - EXIT
    fi
}

install_python_packages() {
    # uv takes 5 s where pip takes 40 s, but knows nothing of pip.conf: where only pip reaches an index, pip does it.
    [ -x .venv/bin/uv ] || "$venv/bin/pip" install --quiet "$(grep '^uv==' requirements.txt)"
    UV_SYSTEM_CERTS=1 .venv/bin/uv pip install --quiet --python "$venv/bin/python" --requirement "$requirements" ||
        "$venv/bin/pip" install --quiet --requirement "$requirements"
}

if command -v dpkg-query >/dev/null; then
    install_system_packages
else
    echo "This is not Debian: the packages named in packages.txt are taken to be there."
fi

if ! "$venv/bin/pip" --version >/dev/null 2>&1; then
    "$python" -m venv --clear "$venv"
fi
echo "Installing Python packages into $venv"
install_python_packages

site_packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir -p "$site_packages/ansible_collections/groupware"
ln -sfn "$PWD" "$site_packages/ansible_collections/groupware/ha"

# mypy does not look for sources in a virtual environment.
mkdir -p .cache/mypy/ansible_collections/groupware
ln -sfn "$PWD" .cache/mypy/ansible_collections/groupware/ha

rm -f "$venv"/.stamp-*
touch "$stamp"

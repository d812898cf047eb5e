#!/usr/bin/env bash
# setup.sh VENV REQUIREMENTS [PYTHON]: bring a virtual environment up to date with its pinned requirements.
# setup.sh --python-for VERSION: say which Python there is of that version or a newer one; fail if there is none.
#
# The collection is linked into it, so that every tool finds groupware.ha whatever the checkout's folder is called.
# Debian packages that are missing get installed first. Nothing is done, quickly, when nothing has changed. PYTHON is the
# oldest version that will do: the system's is taken if it is new enough, else one that pyenv has installed.
set -euo pipefail

cd "$(dirname "$0")/../.."

# The first Python that is new enough; the system's comes first.
python_for() {
    local candidate new_enough="import sys; sys.exit(sys.version_info < tuple(map(int, '$1'.split('.'))))"
    for candidate in /usr/bin/python3 python3 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3; do
        if "$candidate" -c "$new_enough" 2>/dev/null; then
            echo "$candidate"
            return 0
        fi
    done
    echo "neither this system nor pyenv has Python $1 or newer" >&2
    return 1
}

if [ "$1" = --python-for ]; then
    python_for "$2"
    exit
fi
venv=$1
requirements=$2
python=$(python_for "${3:-3.11}")

mkdir -p .cache/compiled "$(dirname "$venv")"
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

# Tests run Ansible as a user who may do nothing, not even enter the folder that pyenv is in: what it has installed is
# copied into the checkout.
make_readable() {
    local version own
    case $python in */versions/3.*) ;; *) return 0 ;; esac
    version=$(dirname "$(dirname "$python")")
    own=$PWD/.cache/python/$(basename "$version")
    if [ ! -e "$own" ]; then
        rm -rf "$own.new"
        mkdir -p "$own.new"
        cp -a "$version/." "$own.new"
        # shellcheck disable=SC2016 # the loader's word
        patchelf --set-rpath '$ORIGIN/../lib' "$(realpath "$own.new/bin/python3")"
        mv "$own.new" "$own"
    fi
    python=$own/bin/python3
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

make_readable
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

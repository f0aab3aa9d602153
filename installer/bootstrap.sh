#!/usr/bin/env bash
# Create .venv with the program and the dependency groups in GROUPS_WANTED (default: test lint).
# Idempotent: does nothing when pyproject.toml and the lock have not changed since the last run.
# GPU=1 adds the CUDA libraries of onnxruntime-gpu.
set -euo pipefail
cd "$(dirname "$0")/.."

GROUPS_WANTED="${GROUPS_WANTED:-test lint}"
[ -n "${GPU:-}" ] && GROUPS_WANTED="$GROUPS_WANTED gpu"
VENV=.venv

system_packages() {
    grep -v '^#' installer/debian-packages.txt
}

is_installed() { # from Debian 13 and Ubuntu 24.04 on some names end in t64
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

install_system_packages() {
    command -v dpkg-query >/dev/null || return 0 # not a Debian: see the README
    local missing=()
    for package in $(system_packages); do
        is_installed "$package" || is_installed "${package}t64" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "System packages are missing. Run this once, then try again:" >&2
        echo "  sudo apt-get install -y ${missing[*]}" >&2
        exit 1
    fi
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    echo "Python 3.11, 3.12 or 3.13 with the venv module is needed (Debian: apt-get install python3 python3-venv)." >&2
    exit 1
}

stamp() {
    cat pyproject.toml requirements.lock installer/bootstrap.sh | sha256sum | cut -c1-16
}

install_system_packages
MARK="$VENV/.lvp-$(stamp)-$(echo "$GROUPS_WANTED" | tr ' ' '_')"
[ -f "$MARK" ] && exit 0

[ -x "$VENV/bin/python" ] || "$(find_python)" -m venv "$VENV"
PIP=("$VENV/bin/python" -m pip --disable-pip-version-check)
echo "Installing into $VENV (groups: $GROUPS_WANTED) ..."
"${PIP[@]}" install -q "pip>=25.1" # --group needs it
GROUP_ARGS=()
for group in $GROUPS_WANTED; do GROUP_ARGS+=(--group "$group"); done
"${PIP[@]}" install -q -c requirements.lock -e . "${GROUP_ARGS[@]}"
touch "$MARK"

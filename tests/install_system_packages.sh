#!/usr/bin/env bash
# Makes sure that the programs the tests start are installed: installs Debian packages as root (or with
# passwordless sudo), otherwise says what to install. Starts nothing and leaves nothing running.
set -euo pipefail

missing=()

have() { command -v "$1" >/dev/null 2>&1; }

have_postgresql() {
    have postgres && have initdb && return
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

look() {
    missing=()
    have_postgresql || missing+=(postgresql)
    have redis-server || missing+=(redis-server)
    have chromium || missing+=(chromium)
    have msgfmt || missing+=(gettext)
    have setpriv || missing+=(util-linux)
    "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
}

fail() {
    printf 'missing: %s\nrun: apt-get install --no-install-recommends %s\n' "${missing[*]}" "${missing[*]}" >&2
    exit 1
}

as_root=()
may_install() {
    have apt-get || return 1
    [ "$(id -u)" -eq 0 ] && return
    as_root=(sudo -n)
    have sudo && sudo -n true 2>/dev/null
}

install() {
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"
}

look
[ ${#missing[@]} -eq 0 ] && exit 0
may_install || fail
echo "installing: ${missing[*]}"
for attempt in 1 2 3; do
    if install </dev/null; then break; fi
    [ "$attempt" -lt 3 ] && sleep $((attempt * 5))
done
look
[ ${#missing[@]} -eq 0 ] || fail

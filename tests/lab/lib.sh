# shellcheck shell=bash
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the steps of the build share. Sourced, never run.
set -euo pipefail
lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$lab/../.." && pwd)
cache=$root/.cache/lab
export DOCKER_BUILDKIT=0 LC_ALL=C.UTF-8
# shellcheck source=tests/lab/settings
. "$lab/settings"
mkdir -p "$cache"

say() { echo "lab: $*" >&2; }

die() { say "$*"; exit 1; }

# digest FILE|FOLDER|=TEXT...: one short hash over names, modes and contents
digest() {
    local item
    for item in "$@"; do
        case $item in
            =*) echo "$item" ;;
            *) (cd "$(dirname "$item")" && find "$(basename "$item")" -type f -printf '%m %p\n' -exec sha256sum {} + | sort) ;;
        esac
    done | sha256sum | cut -c 1-16
}

# have NAME:TAG: is there such an image of the lab?
have() { docker image inspect "dockfleet-lab/$1" >/dev/null 2>&1; }

# boots_here IMAGE: can the image's systemd start in a container of this machine? Below 230 it knows cgroup v1 only, of which its own hierarchy is enough.
# Says why not.
boots_here() {
    local systemd
    if grep -q ' - cgroup .*name=systemd' /proc/self/mountinfo; then
        return 0
    fi
    systemd=$(docker run --rm --entrypoint systemctl "$1" --version 2>/dev/null | awk 'NR == 1 { print $2 + 0 }')
    if [ "${systemd:-0}" -gt 0 ] && [ "$systemd" -lt 230 ]; then
        say "not run: the systemd $systemd of $1 cannot start here, since this machine has cgroup v2 only." \
            "Either mount the one hierarchy it needs (mkdir /sys/fs/cgroup/systemd && mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd)," \
            "or boot with systemd.unified_cgroup_hierarchy=0, or leave EL7_IMAGE away."
        return 1
    fi
}

# debian_mirror: the archive's address, as this machine's apt has it
debian_mirror() {
    local mirror=$LAB_DEBIAN_MIRROR
    if [ -z "$mirror" ]; then
        # shellcheck disable=SC2016 # apt's own fields
        mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' 'Created-By: Packages' | sed -n 's/ Debian Debian$//p' | head -n 1)
    fi
    [ -n "$mirror" ] || die "this machine's apt knows no Debian archive; run apt-get update, or set LAB_DEBIAN_MIRROR to the address of one"
    echo "$mirror"
}

# need_suite SUITE: stops with a clear message when the archive does not have it (any more)
need_suite() {
    local mirror setting name
    mirror=$(debian_mirror)
    if ! /usr/lib/apt/apt-helper -qq download-file "${mirror%/}/dists/$1/InRelease" "$cache/InRelease-$1" 2>/dev/null; then
        setting=$(for name in $(compgen -v LAB_SUITE); do case " ${!name} " in *" $1 "*) echo "$name" ;; esac; done | xargs)
        die "the Debian archive $mirror has no suite \"$1\" (any more, or cannot be reached); choose another with $setting (see tests/lab/settings)"
    fi
}

# sources SUITE...: lines for a sources.list, signatures checked with Debian's own keys
sources() {
    local suite mirror
    mirror=$(debian_mirror)
    for suite in "$@"; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done
}

# use_apt SUITE [STATUS]: from here on apt-get is asked about that suite only, and takes STATUS for what is installed
use_apt() {
    local home=$cache/apt/$1
    mkdir -p "$home/lists/partial" "$home/archives/partial" "$home/none"
    sources "$1" > "$home/sources.list"
    [ -e "$home/status" ] || : > "$home/status"
    cat > "$home/apt.conf" <<CONF
Dir::State "$home"; Dir::State::Lists "$home/lists"; Dir::State::status "${2:-$home/status}";
Dir::Cache "$home"; Dir::Cache::Archives "$home/archives"; Dir::Etc::SourceList "$home/sources.list";
Dir::Etc::SourceParts "$home/none"; Dir::Etc::Preferences "$home/none/preferences"; Dir::Etc::PreferencesParts "$home/none";
Acquire::Languages "none"; APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$home/apt.conf
}

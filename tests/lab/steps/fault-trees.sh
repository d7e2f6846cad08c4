# shellcheck shell=bash
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Part of the step www: the trees of faults, each with the files that differ from the docker-ce tree.

: "${cache:?}" "${deb_arch:?}" "${packages:?}" "${rpm_arch:?}" "${www:?}"

rpm_stable=linux/centos/7/$rpm_arch/stable
deb_stable=linux/debian/dists/$LAB_SUITE
good=$www/docker-ce
oldest=$(awk '$1 != "-" { print $1 }' "$packages/made.tsv" | sort -V | head -n 1)

# keys: with a stranger's smuggled in, a stranger's alone, cut off, of no length
for distribution in centos rhel fedora debian; do
    mkdir -p faults/{two-keys,wrong-key,truncated-key,empty-key}/linux/$distribution
    case $distribution in debian) key=docker-deb ;; *) key=docker-rpm ;; esac
    gpg --batch --armor --export "$(cat "$cache/keys/$key.fingerprint")" "$(cat "$cache/keys/stranger.fingerprint")" > "faults/two-keys/linux/$distribution/gpg"
    cp "$cache/keys/stranger.asc" "faults/wrong-key/linux/$distribution/gpg"
    head -c 700 "$cache/keys/$key.asc" > "faults/truncated-key/linux/$distribution/gpg"
    : > "faults/empty-key/linux/$distribution/gpg"
done

# stale: as it was when the oldest engine was the newest
mkdir -p "faults/stale/$rpm_stable/Packages"
ln "$packages"/rpm/*/{docker-ce*-"$oldest",docker-buildx,docker-compose,containerd.io-"$(awk -v engine="$oldest" '$1 == engine && $2 == "rpm" && $3 == "containerd.io" { print $4 }' "$packages/made.tsv")"}*.rpm \
    "faults/stale/$rpm_stable/Packages/"
createrepo_c --quiet --revision 1577836800 --set-timestamp-to-revision "faults/stale/$rpm_stable"
rm -r "faults/stale/$rpm_stable/Packages"
mkdir -p "faults/stale/$deb_stable"/{stable,test}/binary-"$deb_arch"
stale=faults/stale/$deb_stable/stable/binary-$deb_arch
awk -v RS= -v ORS='\n\n' -v engine="$oldest" '!/\nVersion: 5:/ || index($0, "\nVersion: 5:" engine)' "$good/$deb_stable/stable/binary-$deb_arch/Packages" > "$stale/Packages"
gzip -9kn "$stale/Packages"
: > "faults/stale/$deb_stable/test/binary-$deb_arch/Packages"
gzip -9kn "faults/stale/$deb_stable/test/binary-$deb_arch/Packages"
deb_release "faults/stale/linux/debian" docker-deb Docker "stable test" "Wed, 01 Jan 2020 00:00:00 +0000"

# bad-checksum: the list of packages is not the one that the signed or topmost file names, as in the middle of a synchronisation
mkdir -p "faults/bad-checksum/$rpm_stable/repodata" "faults/bad-checksum/$deb_stable/stable/binary-$deb_arch"
for file in "$good/$rpm_stable"/repodata/*-primary.*; do
    { cat "$file"; echo; } > "faults/bad-checksum/$rpm_stable/repodata/${file##*/}"
done
for file in "$good/$deb_stable/stable/binary-$deb_arch"/Packages*; do
    { cat "$file"; echo; } > "faults/bad-checksum/$deb_stable/stable/binary-$deb_arch/${file##*/}"
done

# truncated: the beginning of each package
(cd "$good" && find linux -name '*.rpm' -o -name '*.deb') | while read -r file; do
    mkdir -p "faults/truncated/${file%/*}"
    head -c 100000 "$good/$file" > "faults/truncated/$file"
done

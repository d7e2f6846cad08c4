# shellcheck shell=bash
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Lays out the files of each package as a tree, and prints a line for each package to make:
# FORMAT PACKAGE VERSION RELEASE TREE ENGINE (RELEASE is "-" where the version says it all, ENGINE where it belongs to none).

# upstream DEB: the version without Debian's own parts
upstream() { dpkg-deb -f "$1" Version | sed -E 's/^[0-9]+://; s/[-+~].*//'; }

# place SOURCE TARGET MODE
place() { install -D -m "$3" "$(realpath "$1")" "$2"; }

# stage_engine SUITE
stage_engine() {
    : "${cache:?}" "${debs:?}" "${lab:?}"
    local from=unpacked/$1 host=unpacked/host engine containerd tree rpm_release deb file
    engine=$(upstream "$(ls "$debs/$1"/docker.io_*)")
    containerd=$(upstream "$(ls "$debs/$1"/containerd_*)")
    tree=tree/$engine

    place "$from/usr/sbin/dockerd" "$tree/docker-ce/usr/bin/dockerd" 0755
    place "$from/usr/sbin/docker-proxy" "$tree/docker-ce/usr/bin/docker-proxy" 0755
    place "$host/usr/bin/tini-static" "$tree/docker-ce/usr/bin/docker-init" 0755
    for file in docker.service docker.socket; do
        place "$lab/packages/units/$file" "$tree/docker-ce/usr/lib/systemd/system/$file" 0644
    done
    place "$from/usr/bin/docker" "$tree/docker-ce-cli/usr/bin/docker" 0755
    for file in rootlesskit rootlesskit-docker-proxy; do
        place "$from/usr/bin/$file" "$tree/docker-ce-rootless-extras/usr/bin/$file" 0755
    done
    for file in dockerd-rootless.sh dockerd-rootless-setuptool.sh; do
        place "$from/usr/share/docker.io/contrib/$file" "$tree/docker-ce-rootless-extras/usr/bin/$file" 0755
    done
    for file in "$from"/usr/bin/{containerd,containerd-shim*,ctr}; do
        place "$file" "$tree/containerd.io/usr/bin/${file##*/}" 0755
    done
    place "$host/usr/sbin/runc" "$tree/containerd.io/usr/bin/runc" 0755
    place "$lab/packages/units/containerd.service" "$tree/containerd.io/usr/lib/systemd/system/containerd.service" 0644
    mkdir -p "$tree/containerd.io/etc/containerd"
    echo 'disabled_plugins = ["cri"]' > "$tree/containerd.io/etc/containerd/config.toml"

    # Docker's spelling changed with 23.0
    if [ "${engine%%.*}" -lt 23 ]; then
        rpm_release=3.el7
        deb=5:$engine~3-0~debian-$LAB_SUITE
    else
        rpm_release=1.el7
        deb=5:$engine-1~debian.$LAB_SUITE_NUMBER~$LAB_SUITE
    fi
    for package in docker-ce docker-ce-cli docker-ce-rootless-extras; do
        echo "rpm $package $engine $rpm_release $tree/$package $engine"
        echo "deb $package $deb - $tree/$package $engine"
    done
    echo "rpm containerd.io $containerd 3.1.el7 $tree/containerd.io $engine"
    echo "deb containerd.io $containerd-1 - $tree/containerd.io $engine"
}

stage_plugins() {
    local plugin version tree
    for plugin in buildx compose; do
        version=$(upstream "$(ls "$debs/plugins/docker-${plugin}"_*)")
        tree=tree/docker-$plugin-plugin
        place "unpacked/plugins/usr/libexec/docker/cli-plugins/docker-$plugin" "$tree/usr/libexec/docker/cli-plugins/docker-$plugin" 0755
        echo "rpm docker-$plugin-plugin $version 1.el7 $tree -"
        echo "deb docker-$plugin-plugin $version-1~debian.$LAB_SUITE_NUMBER~$LAB_SUITE - $tree -"
    done
}

# what CentOS 7 itself has: in its extras, in its base repository, and on every host
stage_el7() {
    local host=unpacked/host file
    place "$host/usr/bin/fuse-overlayfs" tree/fuse-overlayfs/usr/bin/fuse-overlayfs 0755
    place "$host/usr/bin/slirp4netns" tree/slirp4netns/usr/bin/slirp4netns 0755
    for file in fuse-overlayfs:libfuse3.so.3 slirp4netns:libslirp.so.0 libcgroup:libcgroup.so.2; do
        place "$(find "$host" -name "${file#*:}")" "tree/${file%:*}/usr/lib/$(gcc -print-multiarch)/${file#*:}" 0755
    done
    echo "the lab's hosts have no SELinux" | install -D -m 0644 /dev/stdin tree/container-selinux/usr/share/doc/container-selinux/README
    echo "Debian $LAB_SUITE" | install -D -m 0644 /dev/stdin tree/el7-base-system/usr/share/doc/el7-base-system/README
    echo "el7 fuse-overlayfs 0.7.2 6.el7_8 tree/fuse-overlayfs -"
    echo "el7 slirp4netns 0.4.3 4.el7_8 tree/slirp4netns -"
    echo "el7 container-selinux 2.119.2 1.911c772.el7_8 tree/container-selinux -"
    echo "el7 libcgroup 0.41 21.el7 tree/libcgroup -"
    echo "el7 el7-base-system 7.9.2009 1 tree/el7-base-system -"
    cp -a "$lab/packages/centos-release" tree/centos-release
    place "$cache/keys/centos-7.asc" tree/centos-release/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7 0644
    echo "el7 centos-release 7 9.2009.1.el7.centos tree/centos-release -"
}

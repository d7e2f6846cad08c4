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
    local host=unpacked/host archive=unpacked/archive file
    place "$host/usr/bin/fuse-overlayfs" tree/fuse-overlayfs/usr/bin/fuse-overlayfs 0755
    place "$host/usr/bin/slirp4netns" tree/slirp4netns/usr/bin/slirp4netns 0755
    for file in fuse-overlayfs:libfuse3.so.3 slirp4netns:libslirp.so.0 libcgroup:libcgroup.so.2; do
        place "$(find "$host" -name "${file#*:}")" "tree/${file%:*}/usr/lib/$(gcc -print-multiarch)/${file#*:}" 0755
    done
    place "$archive/usr/bin/dig" tree/bind-utils/usr/bin/dig 0755
    # with the libraries that dig is linked to, but for those that the stand-in for CentOS has
    find "$archive" -path "*/lib/$(gcc -print-multiarch)/*.so*" ! -name 'libicu*' ! -name 'libnghttp2*' ! -name 'libxml2*' | while read -r file; do
        place "$file" "tree/bind-utils/usr/lib/$(gcc -print-multiarch)/${file##*/}" 0644
    done
    place "$host/usr/sbin/runc" tree/runc/usr/bin/runc 0755
    for file in podman conmon; do
        place "$host/usr/bin/$file" "tree/podman/usr/bin/$file" 0755
    done
    place "$(find "$host" -name libsubid.so.4)" "tree/podman/usr/lib/$(gcc -print-multiarch)/libsubid.so.4" 0755
    # what can be had in a container
    echo '{"default": [{"type": "insecureAcceptAnything"}]}' | install -D -m 0644 /dev/stdin tree/podman/etc/containers/policy.json
    printf '[storage]\ndriver = "vfs"\nrunroot = "/run/containers/storage"\ngraphroot = "/var/lib/containers/storage"\n' |
        install -D -m 0644 /dev/stdin tree/podman/etc/containers/storage.conf
    printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' | install -D -m 0644 /dev/stdin tree/podman/etc/containers/containers.conf
    for file in etc/dnf/plugins/versionlock.conf etc/dnf/plugins/versionlock.list usr/lib/python3/dist-packages/dnf{-plugins/versionlock,pluginscore/__init__}.py; do
        place "$host/$file" "tree/python3-dnf-plugin-versionlock/$file" 0644
    done
    echo "the lab's hosts have no SELinux" | install -D -m 0644 /dev/stdin tree/container-selinux/usr/share/doc/container-selinux/README
    echo "Debian $LAB_SUITE" | install -D -m 0644 /dev/stdin tree/el7-base-system/usr/share/doc/el7-base-system/README
    echo "el7 fuse-overlayfs 0.7.2 6.el7_8 tree/fuse-overlayfs -"
    echo "el7 slirp4netns 0.4.3 4.el7_8 tree/slirp4netns -"
    echo "el7 container-selinux 2.119.2 1.911c772.el7_8 tree/container-selinux -"
    echo "el7 bind-utils 9.11.4 26.P2.el7_9.16 tree/bind-utils -"
    echo "el7 podman 1.6.4 36.el7_9 tree/podman -"
    echo "el7 runc 1.0.0 69.rc10.el7_9 tree/runc -"
    echo "el7 python3-dnf-plugin-versionlock 4.0.21 1.el7 tree/python3-dnf-plugin-versionlock -"
    echo "el7 libcgroup 0.41 21.el7 tree/libcgroup -"
    echo "el7 el7-base-system 7.9.2009 1 tree/el7-base-system -"
    cp -a "$lab/packages/centos-release" tree/centos-release
    place "$cache/keys/centos-7.asc" tree/centos-release/etc/pki/rpm-gpg/RPM-GPG-KEY-CentOS-7 0644
    echo "el7 centos-release 7 9.2009.1.el7.centos tree/centos-release -"
}

# Docker as it came to CentOS 7 before docker-ce, in CentOS's own extras and from dockerproject.org. The engine in it is the oldest one of the lab.
stage_old_editions() {
    : "${debs:?}"
    local engine part
    engine=$(upstream "$(ls "$debs/${LAB_SUITES_ENGINE%% *}"/docker.io_*)")
    mkdir -p tree/docker tree/docker-engine
    for part in docker-ce containerd.io; do
        cp -al "tree/$engine/$part/." tree/docker/
        cp -al "tree/$engine/$part/." tree/docker-engine/
    done
    cp -al "tree/$engine/docker-ce-cli/." tree/docker-engine/
    cp -al "tree/$engine/docker-ce-cli" tree/docker-client
    echo "shared by docker and docker-client" | install -D -m 0644 /dev/stdin tree/docker-common/usr/share/doc/docker-common/README
    echo "el7 docker 1.13.1 209.git7d71120.el7.centos tree/docker -"
    echo "el7 docker-client 1.13.1 209.git7d71120.el7.centos tree/docker-client -"
    echo "el7 docker-common 1.13.1 209.git7d71120.el7.centos tree/docker-common -"
    echo "el7 docker-engine 17.05.0.ce 1.el7.centos tree/docker-engine -"
}

# what an EL 9 itself has that a stand-in needs; all else is CentOS 7's
stage_el9() {
    echo "Debian $LAB_SUITE" | install -D -m 0644 /dev/stdin tree/el9-base-system/usr/share/doc/el9-base-system/README
    echo "el7 el9-base-system 9.4 1 tree/el9-base-system -"
    cp -a "$lab/packages/rocky-release" tree/rocky-release
    place "$cache/keys/centos-7.asc" tree/rocky-release/etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9 0644
    echo "el7 rocky-release 9.4 1.7.el9 tree/rocky-release -"
}

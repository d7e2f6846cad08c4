# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names of Docker's packages, of those they replace and of those they get in each other's way with."""

from __future__ import absolute_import, division, print_function

__metaclass__ = type

# These are built from one source and go by one version.
ENGINE = ('docker-ce', 'docker-ce-cli', 'docker-ce-rootless-extras')

# Docker publishes these too, each with versions of its own.
COMPANIONS = (
    'containerd.io',
    'docker-buildx-plugin',
    'docker-compose-plugin',
    'docker-model-plugin',
    'docker-scan-plugin',
)

DOCKER = ENGINE + COMPANIONS

# What "packages" is where the user names none.
DEFAULT = ('docker-ce', 'docker-ce-cli', 'containerd.io', 'docker-buildx-plugin', 'docker-compose-plugin')

# Older editions of Docker: they go in the transaction that brings docker-ce to the host, and never at another time.
OBSOLETE = {
    'rpm': (
        'docker',
        'docker-client',
        'docker-client-latest',
        'docker-common',
        'docker-engine',
        'docker-engine-selinux',
        'docker-io',
        'docker-latest',
        'docker-latest-logrotate',
        'docker-logrotate',
        'docker-selinux',
        'podman-docker',
    ),
    'deb': (
        'docker-compose',
        'docker-compose-v2',
        'docker-doc',
        'docker-engine',
        'docker.io',
        'lxc-docker',
        'podman-docker',
    ),
}

# Container tools with a life of their own: they go only where the user names them.
RIVALS = ('buildah', 'containerd', 'cri-o', 'podman', 'runc')

# The kinds of a change that bring a package to a version.
VERSIONED = ('install', 'upgrade', 'downgrade')

# Their packages restart what keeps the containers, or stop it when they go.
RUNNING = ('docker-ce', 'containerd.io')

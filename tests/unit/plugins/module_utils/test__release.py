# -*- coding: utf-8 -*-
# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import absolute_import, division, print_function

__metaclass__ = type

import pytest
from ansible_collections.dockfleet.host.plugins.module_utils._errors import DockfleetError
from ansible_collections.dockfleet.host.plugins.module_utils._look_system import read_os_release
from ansible_collections.dockfleet.host.plugins.module_utils._release import describe, map_release

# /etc/os-release as these systems have it (home pages and colours left out).
CENTOS_7 = u'''NAME="CentOS Linux"
VERSION="7 (Core)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="7"
PRETTY_NAME="CentOS Linux 7 (Core)"

CENTOS_MANTISBT_PROJECT="CentOS-7"
CENTOS_MANTISBT_PROJECT_VERSION="7"
REDHAT_SUPPORT_PRODUCT="centos"
REDHAT_SUPPORT_PRODUCT_VERSION="7"
'''
CENTOS_8 = u'''NAME="CentOS Linux"
VERSION="8"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="8"
PLATFORM_ID="platform:el8"
PRETTY_NAME="CentOS Linux 8"
'''
CENTOS_STREAM_9 = u'''NAME="CentOS Stream"
VERSION="9"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="9"
PLATFORM_ID="platform:el9"
PRETTY_NAME="CentOS Stream 9"
'''
CENTOS_STREAM_10 = u'''NAME="CentOS Stream"
VERSION="10 (Coughlan)"
ID="centos"
ID_LIKE="rhel fedora"
VERSION_ID="10"
PLATFORM_ID="platform:el10"
'''
RHEL_7 = u'''NAME="Red Hat Enterprise Linux Server"
VERSION="7.9 (Maipo)"
ID="rhel"
ID_LIKE="fedora"
VARIANT="Server"
VARIANT_ID="server"
VERSION_ID="7.9"
'''
RHEL_8 = u'''NAME="Red Hat Enterprise Linux"
VERSION="8.9 (Ootpa)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="8.9"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Red Hat Enterprise Linux 8.9 (Ootpa)"
'''
RHEL_9 = u'''NAME="Red Hat Enterprise Linux"
VERSION="9.4 (Plow)"
ID="rhel"
ID_LIKE="fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"
'''
RHEL_10 = u'''NAME="Red Hat Enterprise Linux"
VERSION="10.0 (Coughlan)"
ID="rhel"
ID_LIKE="centos fedora"
VERSION_ID="10.0"
PLATFORM_ID="platform:el10"
'''
ROCKY_8 = u'''NAME="Rocky Linux"
VERSION="8.10 (Green Obsidian)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="8.10"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Rocky Linux 8.10 (Green Obsidian)"
'''
ROCKY_9 = u'''NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
'''
ALMA_8 = u'''NAME="AlmaLinux"
VERSION="8.10 (Cerulean Leopard)"
ID="almalinux"
ID_LIKE="rhel centos fedora"
VERSION_ID="8.10"
PLATFORM_ID="platform:el8"
'''
ALMA_10 = u'''NAME="AlmaLinux"
VERSION="10.0 (Purple Lion)"
ID="almalinux"
ID_LIKE="rhel centos fedora"
VERSION_ID="10.0"
PLATFORM_ID="platform:el10"
'''
ORACLE_7 = u'''NAME="Oracle Linux Server"
VERSION="7.9"
ID="ol"
ID_LIKE="fedora"
VARIANT="Server"
VARIANT_ID="server"
VERSION_ID="7.9"
PRETTY_NAME="Oracle Linux Server 7.9"
'''
ORACLE_8 = u'''NAME="Oracle Linux Server"
VERSION="8.10"
ID="ol"
ID_LIKE="fedora"
VARIANT="Server"
VERSION_ID="8.10"
PLATFORM_ID="platform:el8"
'''
FEDORA_43 = u'''NAME="Fedora Linux"
VERSION="43 (Server Edition)"
RELEASE_TYPE=stable
ID=fedora
VERSION_ID=43
VERSION_CODENAME=""
PLATFORM_ID="platform:f43"
'''
OPENEULER_20 = u'''NAME="openEuler"
VERSION="20.03 (LTS-SP2)"
ID="openEuler"
VERSION_ID="20.03"
PRETTY_NAME="openEuler 20.03 (LTS-SP2)"
ANSI_COLOR="0;31"
'''
OPENEULER_22 = u'''NAME="openEuler"
VERSION="22.03 (LTS-SP3)"
ID="openEuler"
VERSION_ID="22.03"
PRETTY_NAME="openEuler 22.03 (LTS-SP3)"
'''
OPENEULER_23 = u'''NAME="openEuler"
VERSION="23.09"
ID="openEuler"
VERSION_ID="23.09"
PRETTY_NAME="openEuler 23.09"
'''
OPENEULER_24 = u'''NAME="openEuler"
VERSION="24.03 (LTS)"
ID="openEuler"
VERSION_ID="24.03"
PRETTY_NAME="openEuler 24.03 (LTS)"
'''
ANOLIS_7 = u'''NAME="Anolis OS"
VERSION="7.9"
ID="anolis"
ID_LIKE="rhel fedora centos"
VERSION_ID="7.9"
PRETTY_NAME="Anolis OS 7.9"
CENTOS_MANTISBT_PROJECT="CentOS-7"
'''
ANOLIS_8 = u'''NAME="Anolis OS"
VERSION="8.8"
ID="anolis"
ID_LIKE="rhel fedora centos"
VERSION_ID="8.8"
PLATFORM_ID="platform:an8"
'''
ANOLIS_23 = u'''NAME="Anolis OS"
VERSION="23"
ID="anolis"
VERSION_ID="23"
PLATFORM_ID="platform:an23"
PRETTY_NAME="Anolis OS 23"
'''
OPENCLOUDOS_8 = u'''NAME="OpenCloudOS"
VERSION="8.6"
ID="opencloudos"
ID_LIKE="rhel fedora"
VERSION_ID="8.6"
PLATFORM_ID="platform:oc8"
'''
OPENCLOUDOS_9 = u'''NAME="OpenCloudOS"
VERSION="9.0"
ID="opencloudos"
ID_LIKE="opencloudos"
VERSION_ID="9.0"
PLATFORM_ID="platform:oc9.0"
'''
OPENCLOUDOS_23 = u'''NAME="OpenCloudOS Stream"
VERSION="23"
RELEASE="2410"
ID="opencloudos"
ID_LIKE="opencloudos"
VERSION_ID="23"
PLATFORM_ID="platform:ocs23"
'''
TENCENTOS_2 = u'''NAME="TencentOS Server"
VERSION="2.4"
ID="tencentos"
ID_LIKE="rhel fedora centos tlinux"
VERSION_ID="2.4"
PRETTY_NAME="TencentOS Server 2.4"
'''
TENCENTOS_3 = u'''NAME="TencentOS Server"
VERSION="3.3 (Final)"
ID="tencentos"
ID_LIKE="rhel fedora centos"
VERSION_ID="3.3"
PLATFORM_ID="platform:el8"
'''
TENCENTOS_4 = u'''NAME="TencentOS Server"
VERSION="4.4"
ID="tencentos"
ID_LIKE="tencentos"
VERSION_ID="4.4"
PLATFORM_ID="platform:ts4"
'''
ALINUX_2 = u'''NAME="Alibaba Cloud Linux"
VERSION="2.1903 LTS (Hunting Beagle)"
ID="alinux"
ID_LIKE="rhel fedora centos anolis"
VERSION_ID="2.1903"
PRETTY_NAME="Alibaba Cloud Linux 2.1903 LTS (Hunting Beagle)"
'''
ALINUX_3 = u'''NAME="Alibaba Cloud Linux"
VERSION="3 (OpenAnolis Edition)"
ID="alinux"
ID_LIKE="rhel fedora centos anolis"
VERSION_ID="3"
VARIANT="OpenAnolis Edition"
ALINUX_MINOR_ID="2104"
PLATFORM_ID="platform:al8"
'''
ALINUX_3_LONG = ALINUX_3.replace(u'VERSION_ID="3"', u'VERSION_ID="3.2104"')
HCE_1 = u'''NAME="Huawei Cloud EulerOS"
VERSION="1.1 (x86_64)"
ID="hce"
VERSION_ID="1.1"
PRETTY_NAME="Huawei Cloud EulerOS 1.1 (x86_64)"
'''
HCE_2 = u'''NAME="Huawei Cloud EulerOS"
VERSION="2.0 (x86_64)"
ID="hce"
VERSION_ID="2.0"
PRETTY_NAME="Huawei Cloud EulerOS 2.0 (x86_64)"
ANSI_COLOR="0;31"
'''
EULEROS_5 = u'''NAME="EulerOS"
VERSION="2.0 (SP5)"
ID="euleros"
ID_LIKE="rhel fedora centos"
VERSION_ID="2.0"
PRETTY_NAME="EulerOS 2.0 (SP5)"
'''
EULEROS_8 = u'''NAME="EulerOS"
VERSION="2.0 (SP8)"
ID="euleros"
ID_LIKE="rhel fedora centos"
VERSION_ID="2.0"
PRETTY_NAME="EulerOS 2.0 (SP8)"
ANSI_COLOR="0;31"
'''
EULEROS_9 = u'''NAME="EulerOS"
VERSION="2.0 (SP9x86_64)"
ID="euleros"
VERSION_ID="2.0"
PRETTY_NAME="EulerOS 2.0 (SP9x86_64)"
'''
EULEROS_12 = u'''NAME="EulerOS"
VERSION="2.0 (SP12)"
ID="euleros"
VERSION_ID="2.0"
PRETTY_NAME="EulerOS 2.0 (SP12)"
'''
KYLIN_V10 = u'''NAME="Kylin Linux Advanced Server"
VERSION="V10 (Sword)"
ID="kylin"
VERSION_ID="V10"
PRETTY_NAME="Kylin Linux Advanced Server V10 (Sword)"
ANSI_COLOR="0;31"
'''
KYLIN_V11 = u'''NAME="Kylin Linux Advanced Server"
VERSION="V11 (Swan25)"
ID="kylin"
VERSION_ID="V11"
PRETTY_NAME="Kylin Linux Advanced Server V11 (Swan25)"
'''
KYLIN_DESKTOP_V10 = u'''NAME="Kylin"
VERSION="银河麒麟桌面操作系统V10 (SP1)"
VERSION_US="Kylin Linux Desktop V10 (SP1)"
ID=kylin
ID_LIKE=debian
PRETTY_NAME="Kylin V10 SP1"
VERSION_ID="v10"
VERSION_CODENAME=kylin
'''
KYLIN_DESKTOP_V11 = u'''NAME="Kylin"
FULL_NAME="kylin"
VERSION="银河麒麟桌面操作系统V11"
VERSION_US="Kylin Linux Desktop V11"
ID=kylin
PRETTY_NAME="Kylin V11"
VERSION_ID="v11"
VERSION_CODENAME=kylin
'''
AMAZON_2 = u'''NAME="Amazon Linux"
VERSION="2"
ID="amzn"
ID_LIKE="centos rhel fedora"
VERSION_ID="2"
PRETTY_NAME="Amazon Linux 2"
'''
AMAZON_2023 = u'''NAME="Amazon Linux"
VERSION="2023"
ID="amzn"
ID_LIKE="fedora"
VERSION_ID="2023"
PLATFORM_ID="platform:al2023"
'''

DEBIAN_12 = u'''PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
'''
DEBIAN_8 = u'''PRETTY_NAME="Debian GNU/Linux 8 (jessie)"
NAME="Debian GNU/Linux"
VERSION_ID="8"
VERSION="8 (jessie)"
ID=debian
'''
DEBIAN_TESTING = u'''PRETTY_NAME="Debian GNU/Linux forky/sid"
NAME="Debian GNU/Linux"
VERSION_CODENAME=forky
ID=debian
'''
DEBIAN_SID = u'''PRETTY_NAME="Debian GNU/Linux sid"
NAME="Debian GNU/Linux"
VERSION_CODENAME=sid
ID=debian
'''
RASPBIAN_11 = u'''PRETTY_NAME="Raspbian GNU/Linux 11 (bullseye)"
NAME="Raspbian GNU/Linux"
VERSION_ID="11"
VERSION="11 (bullseye)"
VERSION_CODENAME=bullseye
ID=raspbian
ID_LIKE=debian
'''
UBUNTU_24 = u'''PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.1 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
'''
UBUNTU_16 = u'''NAME="Ubuntu"
VERSION="16.04.7 LTS (Xenial Xerus)"
ID=ubuntu
ID_LIKE=debian
PRETTY_NAME="Ubuntu 16.04.7 LTS"
VERSION_ID="16.04"
UBUNTU_CODENAME=xenial
'''
MINT_21 = u'''NAME="Linux Mint"
VERSION="21.3 (Virginia)"
ID=linuxmint
ID_LIKE="ubuntu debian"
PRETTY_NAME="Linux Mint 21.3"
VERSION_ID="21.3"
VERSION_CODENAME=virginia
UBUNTU_CODENAME=jammy
'''
LMDE_6 = u'''PRETTY_NAME="LMDE 6 (faye)"
NAME="LMDE"
VERSION_ID="6"
VERSION="6 (faye)"
VERSION_CODENAME=faye
ID=linuxmint
ID_LIKE=debian
DEBIAN_CODENAME=bookworm
'''
POP_22 = u'''NAME="Pop!_OS"
VERSION="22.04 LTS"
ID=pop
ID_LIKE="ubuntu debian"
PRETTY_NAME="Pop!_OS 22.04 LTS"
VERSION_ID="22.04"
VERSION_CODENAME=jammy
UBUNTU_CODENAME=jammy
'''
DEVUAN_5 = u'''PRETTY_NAME="Devuan GNU/Linux 5 (daedalus)"
NAME="Devuan GNU/Linux"
VERSION_ID="5"
VERSION="5 (daedalus)"
VERSION_CODENAME="daedalus"
ID=devuan
ID_LIKE=debian
'''
KALI = u'''PRETTY_NAME="Kali GNU/Linux Rolling"
NAME="Kali GNU/Linux"
VERSION_ID="2024.2"
VERSION="2024.2"
VERSION_CODENAME=kali-rolling
ID=kali
ID_LIKE=debian
'''
UOS_20 = u'''PRETTY_NAME="UnionTech OS Desktop 20 Pro"
NAME="uos"
VERSION_ID="20"
VERSION="20"
ID=uos
'''
SLACKWARE = u'''NAME=Slackware
VERSION="15.0"
ID=slackware
VERSION_ID=15.0
'''

TABLE = [
    # os-release, uname -m, Docker's folder, its architecture
    (CENTOS_7, 'x86_64', 'centos/7', 'x86_64'),
    (CENTOS_7, 'aarch64', 'centos/7', 'aarch64'),
    (CENTOS_8, 'x86_64', 'rhel/8', 'x86_64'),
    (CENTOS_STREAM_9, 'x86_64', 'centos/9', 'x86_64'),
    (CENTOS_STREAM_10, 'ppc64le', 'centos/10', 'ppc64le'),
    (RHEL_7, 'x86_64', 'centos/7', 'x86_64'),
    (RHEL_7, 's390x', 'rhel/7', 's390x'),
    (RHEL_8, 's390x', 'rhel/8', 's390x'),
    (RHEL_9, 'x86_64', 'rhel/9', 'x86_64'),
    (RHEL_10, 'aarch64', 'rhel/10', 'aarch64'),
    (ROCKY_8, 'x86_64', 'rhel/8', 'x86_64'),
    (ROCKY_9, 'x86_64', 'centos/9', 'x86_64'),
    (ALMA_8, 'x86_64', 'rhel/8', 'x86_64'),
    (ALMA_10, 'x86_64', 'centos/10', 'x86_64'),
    (ORACLE_7, 'x86_64', 'centos/7', 'x86_64'),
    (ORACLE_8, 'aarch64', 'rhel/8', 'aarch64'),
    (FEDORA_43, 'x86_64', 'fedora/43', 'x86_64'),
    (OPENEULER_20, 'aarch64', 'rhel/8', 'aarch64'),
    (OPENEULER_22, 'x86_64', 'rhel/8', 'x86_64'),
    (OPENEULER_23, 'x86_64', 'centos/9', 'x86_64'),
    (OPENEULER_24, 'x86_64', 'centos/10', 'x86_64'),
    (ANOLIS_7, 'x86_64', 'centos/7', 'x86_64'),
    (ANOLIS_8, 'x86_64', 'rhel/8', 'x86_64'),
    (ANOLIS_23, 'x86_64', 'centos/9', 'x86_64'),
    (OPENCLOUDOS_8, 'x86_64', 'rhel/8', 'x86_64'),
    (OPENCLOUDOS_9, 'x86_64', 'centos/9', 'x86_64'),
    (OPENCLOUDOS_23, 'x86_64', 'centos/9', 'x86_64'),
    (TENCENTOS_2, 'x86_64', 'centos/7', 'x86_64'),
    (TENCENTOS_3, 'x86_64', 'rhel/8', 'x86_64'),
    (TENCENTOS_4, 'x86_64', 'centos/9', 'x86_64'),
    (HCE_1, 'x86_64', 'rhel/8', 'x86_64'),
    (HCE_2, 'aarch64', 'centos/9', 'aarch64'),
    (EULEROS_5, 'x86_64', 'centos/7', 'x86_64'),
    (EULEROS_8, 'aarch64', 'rhel/8', 'aarch64'),
    (EULEROS_9, 'x86_64', 'rhel/8', 'x86_64'),
    (EULEROS_12, 'x86_64', 'rhel/8', 'x86_64'),
    (KYLIN_V10, 'aarch64', 'rhel/8', 'aarch64'),
    (KYLIN_V11, 'x86_64', 'centos/10', 'x86_64'),
    (DEBIAN_12, 'x86_64', 'debian/bookworm', 'amd64'),
    (DEBIAN_12, 'aarch64', 'debian/bookworm', 'arm64'),
    (DEBIAN_12, 'armv7l', 'debian/bookworm', 'armhf'),
    (DEBIAN_8, 'x86_64', 'debian/jessie', 'amd64'),
    (DEBIAN_TESTING, 'x86_64', 'debian/trixie', 'amd64'),
    (DEBIAN_SID, 'x86_64', 'debian/trixie', 'amd64'),
    (RASPBIAN_11, 'armv7l', 'raspbian/bullseye', 'armhf'),
    (RASPBIAN_11, 'aarch64', 'raspbian/bullseye', 'armhf'),
    (UBUNTU_24, 's390x', 'ubuntu/noble', 's390x'),
    (UBUNTU_16, 'ppc64le', 'ubuntu/xenial', 'ppc64el'),
    (MINT_21, 'x86_64', 'ubuntu/jammy', 'amd64'),
    (LMDE_6, 'x86_64', 'debian/bookworm', 'amd64'),
    (POP_22, 'x86_64', 'ubuntu/jammy', 'amd64'),
    (DEVUAN_5, 'x86_64', 'debian/bookworm', 'amd64'),
    (KALI, 'x86_64', 'debian/trixie', 'amd64'),
]


def mapped(text, machine='x86_64', **more):
    return map_release(read_os_release(text), machine, **more)


def refusal(text, machine='x86_64', **more):
    with pytest.raises(DockfleetError) as caught:
        mapped(text, machine, **more)
    assert caught.value.details['stage'] == 'release'
    return caught.value.message + ' ' + caught.value.details['remedy']


@pytest.mark.parametrize('text, machine, folder, architecture', TABLE)
def test_table(text, machine, folder, architecture):
    release = mapped(text, machine)
    assert '%(distribution)s/%(value)s' % release == folder
    assert release['architecture'] == architecture
    assert release['family'] == ('rpm' if folder.split('/')[0] in ('centos', 'rhel', 'fedora') else 'deb')
    assert release['reason']


def test_B05_minor_version_lock():
    release = mapped(RHEL_9, releasever='9.4')
    assert describe(release) == 'rhel/9 x86_64'
    assert '$releasever is "9.4" on this host' in release['reason']


def test_B06_7server():
    release = mapped(RHEL_7, releasever='7Server')
    assert describe(release) == 'centos/7 x86_64'
    assert '$releasever is "7Server" on this host' in release['reason']


@pytest.mark.parametrize('text', [AMAZON_2, AMAZON_2023])
def test_B06_amazon_linux_is_refused_not_guessed(text):
    message = refusal(text, releasever='2')
    assert 'Amazon Linux is not a target of Docker\'s repository' in message
    assert 'amazon-linux-extras install docker' in message


@pytest.mark.parametrize('text, version, folder', [(ALINUX_2, '2.1903', 'centos/7'), (ALINUX_3, '3', 'rhel/8'), (ALINUX_3_LONG, '3.2104', 'rhel/8')])
def test_B08_alibaba_cloud_linux(text, version, folder):
    release = mapped(text)
    assert describe(release) == folder + ' x86_64'
    assert release['reason'].startswith('Alibaba Cloud Linux %s is built like EL %s (table)' % (version, folder[-1]))


def test_B08_the_users_release_wins():
    release = mapped(ALINUX_2, wish='8')
    assert describe(release) == 'rhel/8 x86_64'
    assert release['reason'] == 'docker_repo_release is "8"'


@pytest.mark.parametrize('machine, folder', [('x86_64', 'rhel/8'), ('s390x', 'rhel/8')])
def test_B14_the_folder_fits_family_and_architecture(machine, folder):
    assert describe(mapped(RHEL_8, machine)) == '%s %s' % (folder, machine)


@pytest.mark.parametrize('text', [ROCKY_8, ALMA_8, ORACLE_8, CENTOS_8])
def test_B15_el8_does_not_use_the_frozen_folder(text):
    release = mapped(text)
    assert describe(release) == 'rhel/8 x86_64'
    assert 'linux/centos/8 is frozen since May 2024' in release['reason']


@pytest.mark.parametrize('text, wish, expected', [
    (CENTOS_7, '7', 'centos/7 x86_64'),
    (CENTOS_7, ' 7.9.2009 ', 'centos/7 x86_64'),
    (RHEL_7, '7Server', 'centos/7 x86_64'),
    (RHEL_9, '9.4', 'rhel/9 x86_64'),
    (FEDORA_43, '42', 'fedora/42 x86_64'),
    (ROCKY_9, 'rhel/9', 'rhel/9 x86_64'),
    (AMAZON_2023, 'rhel/9', 'rhel/9 x86_64'),
    (SLACKWARE, 'centos/9', 'centos/9 x86_64'),
    (SLACKWARE, '9', 'centos/9 x86_64'),
    (DEBIAN_TESTING, 'bookworm', 'debian/bookworm amd64'),
    (MINT_21, 'noble', 'ubuntu/noble amd64'),
    (LMDE_6, 'trixie', 'debian/trixie amd64'),
    (KYLIN_DESKTOP_V10, 'ubuntu/focal', 'ubuntu/focal amd64'),
    (UOS_20, 'debian/buster', 'debian/buster amd64'),
])  # fmt: skip
def test_wished_release(text, wish, expected):
    assert describe(mapped(text, wish=wish)) == expected


@pytest.mark.parametrize('text, machine, wish, words', [
    (SLACKWARE, 'x86_64', None, ['(Slackware 15.0; ID "slackware", VERSION_ID "15.0" in os-release)', 'set docker_repo_release']),
    (KYLIN_DESKTOP_V10, 'x86_64', None, ['Kylin v10', 'set docker_repo_release']),
    (KYLIN_DESKTOP_V11, 'x86_64', None, ['Kylin v11', 'set docker_repo_release']),
    (UOS_20, 'x86_64', None, ['uos 20', 'set docker_repo_release']),
    (CENTOS_7.replace(u'VERSION_ID="7"', u'VERSION_ID="6"'), 'x86_64', None, ['VERSION_ID "6"', 'set docker_repo_release']),
    (EULEROS_9.replace(u'SP9x86_64', u'x86_64'), 'x86_64', None, ['EulerOS', 'set docker_repo_release']),
    (u'', 'x86_64', None, ['unknown', 'set docker_repo_release']),
    (CENTOS_7, 'i686', None, ['no rpm packages for the architecture i686', 'x86_64']),
    (DEBIAN_12, 'i686', None, ['no deb packages for the architecture i686']),
    (ANOLIS_23, 'loongarch64', None, ['loongarch64']),
    (CENTOS_7, 'x86_64', 'bookworm', ['does not tell which of Docker\'s folders', '"debian/bookworm"']),
    (CENTOS_7, 'x86_64', 'debian/bookworm', ['a release of deb packages', 'has rpm packages']),
    (DEBIAN_12, 'x86_64', 'centos/7', ['a release of rpm packages', 'has deb packages']),
    (CENTOS_7, 'x86_64', 'suse/15', ['is no release', 'centos, debian, fedora']),
    (CENTOS_7, 'x86_64', '$releasever', ['is no release']),
    (CENTOS_7, 'x86_64', 'centos/', ['is no release']),
    (CENTOS_7, 'x86_64', '../7', ['is no release']),
    (RHEL_9, 'x86_64', 'rhel/plow', ['no release of rhel', 'Write the major number']),
    (SLACKWARE, 'x86_64', 'bookworm', ['does not tell which', '"ubuntu/bookworm"']),
])  # fmt: skip
def test_refused(text, machine, wish, words):
    message = refusal(text, machine, wish=wish)
    for word in words:
        assert word in message

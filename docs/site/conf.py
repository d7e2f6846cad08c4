# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sphinx's settings for the documentation site; tests/run-docs builds it."""

from __future__ import annotations

project = 'dockfleet.host'
author = 'dockfleet.host contributors'
copyright = author
extensions = ['sphinx.ext.intersphinx', 'sphinx_antsibull_ext']
pygments_style = 'ansible'
highlight_language = 'YAML+Jinja'
html_theme = 'sphinx_ansible_theme'
html_title = project
html_short_title = project
html_show_sphinx = False
html_theme_options = {
    'documentation_home_url': 'index.html',
    'topbar_links': {},
    'vcs_pageview_mode': 'edit',
}
default_role = 'any'
# Pages of others are not asked while this is built, so references to them stay plain text.
intersphinx_mapping = {}
suppress_warnings = ['ref.ref']

"""Sphinx: the documentation site of the collection (`make docs`)."""

from __future__ import annotations

project = "groupware.ha"
project_copyright = "groupware.ha contributors"
extensions = ["sphinx_antsibull_ext"]
html_theme = "sphinx_ansible_theme"
html_title = "groupware.ha"
html_show_sphinx = False
html_theme_options = {"collapse_navigation": False, "display_version": False, "documentation_home_url": "index.html"}
highlight_language = "YAML+Jinja"
pygments_style = "ansible"
# Plugins of other collections are named without a link: the site is built without the network.
suppress_warnings = ["ref.ref"]

# Copyright (c) 2026, groupware.ha contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: site
short_description: All clusters and tiers of a site in one short file
version_added: 0.2.0
author: groupware.ha contributors (@groupware-ha)
description:
  - Makes hosts, groups and group variables of one YAML file, so that a fleet of clusters needs no heap of
    C(group_vars). What clusters have in common is said once. The file is any YAML file with the line
    C(plugin=groupware.ha.site), as YAML writes it.
  - Each cluster becomes a group of its name with C(groupware_cluster) and C(groupware_services), below
    C(groupware_nodes); each tier a group C(KIND_NAME), such as C(ias_shop), with its name in the variable that a tier
    of its kind is named by, below the group of its kind; and the site a group of its name, above all of them.
    Characters that Ansible does not take in names of groups become C(_).
  - What is a list of things with names in the description is a dictionary here, with the names as keys. All else is
    as in the description, and is judged like that of any inventory, when a playbook begins.
  - What is not of the right form is refused as a whole. Ansible then says so as a warning, and goes on without the
    file; with C(any_unparsed_is_failed) in the section C([inventory]) of C(ansible.cfg) it ends there.
  - Templates are evaluated when a variable is used, as in any inventory. Values may be encrypted with C(!vault), and
    what C(group_vars) and C(host_vars) beside the file say takes precedence.
  - P(ansible.builtin.constructed#inventory) does not serve here, since it makes no hosts; its options can be given in
    this file too, for further groups and variables.
extends_documentation_fragment:
  - ansible.builtin.constructed
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [groupware.ha.site]
  name:
    description: Name of the site, and of the group that has all of its hosts.
    type: str
    required: true
  vars:
    description: Variables of all hosts of the site.
    type: dict
    default: {}
  defaults:
    description:
      - What each cluster has that does not say otherwise, with the keys of O(clusters) but C(nodes) and C(services).
        Dictionaries are merged at any depth; all else replaces what stands here, and an empty value takes it away.
    type: dict
    default: {}
  clusters:
    description:
      - The clusters by name. Each has C(nodes), which maps the name of a node to its address, or to C(address) and
        variables of the host, which is reached at that address unless C(ansible_host) says another one.
      - C(framework), C(networks), C(fencing), C(properties) and C(interface) are those of C(groupware_cluster);
        C(devices) of C(fencing) are a dictionary, and one that does not say for which C(nodes) it is, is for all of
        the cluster.
      - C(services) maps names to services as in C(groupware_services). C(each_service) is what each of them has that
        does not say otherwise.
      - C(vars) are further variables of the cluster's group.
    type: dict
    default: {}
  tiers:
    description:
      - The tiers by kind and name. Each has C(hosts), which maps the name of a host to its address, to variables, or
        to nothing; and C(vars), the variables that describe it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
---
# site.groupware.yml: ansible-playbook -i site.groupware.yml groupware.ha.site
plugin: groupware.ha.site
name: example
vars:
  ansible_user: root
defaults:
  networks: [192.0.2.0/24]
  fencing:
    devices:
      power: {agent: fence_apc, options: {username: ha, passwd_script: /etc/fence/power}}
  each_service:
    model: asymmetric
    application: {type: postfix_dovecot}
clusters:
  office:
    nodes: {nodea: 192.0.2.11, nodeb: 192.0.2.12}
    fencing: {devices: {power: {options: {ip: 192.0.2.101, pcmk_host_map: "nodea:1;nodeb:2"}}}}
    services:
      mail1:
        nodes: {primary: nodea, standby: nodeb}
        address: 192.0.2.21
        host_name: mail1.example.com
        storage: {device: /dev/mapper/mail1, mount_point: /srv/mail1}
    vars:
      postfix_dovecot_users:
        mail1: [{name: alice, password_hash: "{{ vault_alice }}"}]
  branch:
    framework: vcs
    interface: eth0
    fencing:            # which this framework does by itself
    nodes:
      nodec: 192.0.2.13
      noded: {address: 192.0.2.14, ansible_port: 2222}
    services:
      wiki:
        nodes: {primary: nodec, standby: noded}
        address: 192.0.2.22
        host_name: wiki.example.com
        application:    # none that this collection configures
tiers:
  ias:
    shop:
      hosts: {server0: 192.0.2.31, server1: 192.0.2.32}
      vars:
        ias_cluster_servers:
          - {name: server0, address: 192.0.2.31, port: 10800, priority: 0}
          - {name: server1, address: 192.0.2.32, port: 10800, priority: 1}
        ias_cluster_directory: {uri: ldaps://directory.example.com, base: o=example, bind_dn: cn=Directory Manager}
        ias_cluster_directory_password: "{{ vault_ias_cluster_directory_password }}"
# Further groups, such as framework_vcs.
keyed_groups:
  - {prefix: framework, key: groupware_cluster.framework}
"""

from typing import Any

from ansible.errors import AnsibleParserError
from ansible.plugins.inventory import BaseInventoryPlugin, Constructable

from ansible_collections.groupware.ha.plugins.module_utils.description.problems import DescriptionError
from ansible_collections.groupware.ha.plugins.module_utils.site.inventory import SiteInventory, read_site

#: Keys of the file that are Ansible's own.
_ANSIBLES = ("plugin", "strict", "compose", "groups", "keyed_groups", "use_extra_vars", "leading_separator")


class InventoryModule(BaseInventoryPlugin, Constructable):
    """Makes an inventory of a site's file."""

    NAME = "groupware.ha.site"
    #: What is in the file its owner wrote; templates in it are evaluated as in any inventory.
    trusted_by_default = True

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Read the file, and hand over what it says."""
        super().parse(inventory, loader, path, cache)
        try:
            site = read_site(self._read_config_data(path), _ANSIBLES)
        except DescriptionError as error:
            problems = "\n".join(f"  - {problem}" for problem in error.problems)
            raise AnsibleParserError(f"{path} is left out:\n{problems}") from None
        self._hand_over(site)
        strict = self.get_option("strict")
        for host in site.hosts:
            variables = {**site.variables_of(host), "inventory_hostname": host}
            self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
            self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
            self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Take the options; what is wrong with the file is said in its terms, before Ansible refuses types."""
        if direct is not None:
            read_site(direct, _ANSIBLES)
        super().set_options(task_keys=task_keys, var_options=var_options, direct=direct)

    def _hand_over(self, site: SiteInventory) -> None:
        for name in site.groups:
            self.inventory.add_group(name)
        for host, variables in site.hosts.items():
            self.inventory.add_host(host)
            for name, value in variables.items():
                self.inventory.set_variable(host, name, value)
        for name, group in site.groups.items():
            for variable, value in group.variables.items():
                self.inventory.set_variable(name, variable, value)
            for child in (*group.children, *group.hosts):
                self.inventory.add_child(name, child)

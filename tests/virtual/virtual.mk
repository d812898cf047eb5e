# Nodes with kernels of their own, for what containers cannot show. They need root, for a network and a disk image.

VIRTUAL := $(if $(filter-out 0,$(shell id -u)),sudo) /usr/bin/python3 $(CURDIR)/tests/virtual/virtual.py

##@ Virtual nodes

.PHONY: virtual
virtual: setup ## Volumes on LVM, for Pacemaker and for Red Hat Cluster Suite, on user-mode Linux; 8 minutes, 2 more the first time
	@trap '$(VIRTUAL) down' EXIT; \
	for playbook in lvm all_nodes; do \
	    $(VIRTUAL) down; \
	    $(VIRTUAL) up $(if $(RELEASE),--release $(RELEASE)); \
	    ansible-playbook -i tests/virtual/inventory tests/virtual/$$playbook.yml --extra-vars '{"virtual": "$(VIRTUAL)"}'; \
	done

.PHONY: virtual-clean
virtual-clean: ## Remove the virtual nodes, with the kernel and the disk image that stay for the next time
	$(VIRTUAL) down --all

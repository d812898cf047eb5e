# Nodes with kernels of their own, for what containers cannot show. They need root, for a network and a disk image.

VIRTUAL := $(if $(filter-out 0,$(shell id -u)),sudo) /usr/bin/python3 $(CURDIR)/tests/virtual/virtual.py

##@ Virtual nodes

.PHONY: virtual
virtual: setup ## A service on LVM, from empty disks to its removal, on user-mode Linux; 5 minutes, 2 more the first time
	@$(VIRTUAL) down; \
	trap '$(VIRTUAL) down' EXIT; \
	$(VIRTUAL) up $(if $(RELEASE),--release $(RELEASE)); \
	ansible-playbook -i tests/virtual/inventory tests/virtual/lvm.yml --extra-vars '{"virtual": "$(VIRTUAL)"}'

.PHONY: virtual-clean
virtual-clean: ## Remove the virtual nodes, with the kernel and the disk image that stay for the next time
	$(VIRTUAL) down --all

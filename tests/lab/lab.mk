# Labs: clusters of containers. They need root, for loop devices and a network.

LAB := $(if $(filter-out 0,$(shell id -u)),sudo) /usr/bin/python3 tests/lab/lab.py

# What a test's own lab is called: neither another test's nor another checkout's is.
CHECKOUT := $(shell pwd -P | sha256sum | cut -c 1-8)
lab_of = $(1).$(CHECKOUT)-$(2)

##@ Lab

.PHONY: lab-image
lab-image: setup ## Build the image that nodes are made of, unless it is there
	$(LAB) image

.PHONY: demo-up
demo-up: setup ## Start the demo's nodes, network and block devices; nothing is installed on them yet
	$(LAB) up demo

.PHONY: demo-down
demo-down: ## Remove the demo: nodes, network, block devices and mail; the node image stays for the next time
	$(LAB) down demo

.PHONY: lab-clean
lab-clean: ## Remove the demo, all labs of this checkout's tests and the node image
	for lab in $(notdir $(wildcard /var/lib/groupware-ha-lab/*.$(CHECKOUT)-*)) molecule; do $(LAB) down $$lab; done
	$(LAB) down demo --all

# Labs: clusters of containers. They need root, for loop devices and a network.

LAB := $(if $(filter-out 0,$(shell id -u)),sudo) /usr/bin/python3 tests/lab/lab.py

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
lab-clean: ## Remove the demo, the Molecule nodes and the node image
	$(LAB) down molecule
	$(LAB) down demo --all

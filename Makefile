# The one task runner: `make help` lists what there is. Every target sets up what it needs; nothing has to be activated.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Programs come from the checkout's virtual environment, then from the system. Whatever else the caller has on PATH,
# an activated environment or the shims of a Python version manager, stays out: ansible-test trips over it.
export PATH := $(CURDIR)/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME ?= $(shell getent passwd "$$(id -u)" | cut -d: -f6)
export LC_ALL := C.UTF-8
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH ANSIBLE_COLLECTIONS_PATH
# Where Python may keep nothing, it compiles all of Ansible again for each of the thousands of runs that tests make.
# Where it may not buffer, a module of 500 kB is read one character at a time.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

include tests/lab/lab.mk
include tests/failover/failover.mk
include tests/benchmark/benchmark.mk
include tests/mutation/mutation.mk
include tests/virtual/virtual.mk

##@ Inner loop

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' \
	    $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what the other targets need: Debian packages, .venv with pinned versions
	@tests/workshop/setup.sh .venv requirements.txt

.PHONY: check
check: setup ## Everything worth running after each change: lint and unit, side by side
	@$(MAKE) --jobs=2 --output-sync=target lint unit

.PHONY: unit
unit: setup ## Unit and property-based tests
	pytest --numprocesses=2 tests/unit

.PHONY: lint
lint: lint-python lint-ansible lint-docs walls sanity ## All static checks

.PHONY: lint-python
lint-python: setup ## Ruff, mypy, and no newer Python than managed nodes have
	ruff check
	ruff format --check
	mypy
	MYPYPATH=tests/lab:tests/failover:tests/virtual:tests/mutation mypy tests/lab tests/failover tests/benchmark tests/virtual \
	    tests/mutation
	vermin --quiet --no-tips --violations --target=3.9- plugins

.PHONY: lint-ansible
lint-ansible: setup ## ansible-lint, production profile
	ansible-lint

.PHONY: lint-docs
lint-docs: setup ## Documentation of modules and roles as it is published, changelog fragments, shell scripts
	rm -rf .cache/package
	ansible-galaxy collection build --output-path .cache/package
	ansible-galaxy collection install --force --no-deps --offline --collections-path .cache/package .cache/package/*.tar.gz
	antsibull-docs lint-collection-docs --plugin-docs .cache/package/ansible_collections/groupware/ha
	antsibull-changelog lint
	shellcheck $$(git ls-files '*.sh' .ci/run)

.PHONY: walls
walls: setup ## The walls between the rooms: who may import whom, whose variables are whose
	lint-imports --no-logo
	pytest --numprocesses=2 tests/workshop

.PHONY: sanity
sanity: setup ## ansible-test sanity of what is published
	tests/workshop/ansible-test.sh sanity --local --python 3.11 --exclude tests/ --exclude molecule/

##@ Tiers of `make test`

.PHONY: test
test: setup lab-image ## All but deployments and virtual; what computes, quickest first, beside what waits for clusters, longest first
	@tests/workshop/side_by_side.sh 1 "lint unit contract package compatibility" \
	    2 "contract-pacemaker demo-test $(addprefix scenario-,$(SCENARIOS)) $(addprefix debian12-,$(DEBIAN12))"

.PHONY: contract
contract: setup ## What every framework must do, each interrupted at every command; those that cannot be had are simulated
	pytest --numprocesses=2 tests/conformance tests/contract

.PHONY: contract-pacemaker
contract-pacemaker: setup ## The same contract on a real Pacemaker cluster in containers
	$(LAB) down $(call lab_of,molecule,contract) # what an interrupted run may have left behind
	$(LAB) up $(call lab_of,molecule,contract)
	$(LAB) enter $(call lab_of,molecule,contract) \
	    ansible-playbook --inventory molecule/shared/inventory tests/contract/form_pacemaker.yml
	$(LAB) enter $(call lab_of,molecule,contract) pytest tests/contract --framework pacemaker
	$(LAB) down $(call lab_of,molecule,contract)

.PHONY: package
package: setup ## Build the collection, install it into an empty place, run its playbooks from there and where they must fail
	pytest tests/package
	pytest --numprocesses=2 tests/playbooks

.PHONY: compatibility
compatibility: setup ## Unit and package tests with each other ansible-core that is supported, and in ansible-test's isolation
	tests/workshop/ansible-test.sh units --local --python 3.11 tests/unit/plugins/modules/ tests/unit/plugins/filter/
	tests/compatibility/run.sh

# Each on nodes of its own, in a lab of its own: what one scenario leaves behind cannot help or hinder the next.
ALL_SCENARIOS := $(filter-out default,$(notdir $(patsubst %/,%,$(dir $(wildcard molecule/*/molecule.yml)))))
# Those that an inventory of a whole deployment goes with; see `make deployments`.
DEPLOYMENTS ?= $(filter messaging_% calendar_% scalix_% ias_%,$(ALL_SCENARIOS))
SCENARIOS ?= $(filter-out $(DEPLOYMENTS),$(ALL_SCENARIOS))

# Nodes are of the current Debian, 13. This runs on Debian 12 as well, whose Pacemaker is older, and `make debian12` runs all
# of those whose products are older there.
DEBIAN12 ?= $(filter cluster_framework,$(SCENARIOS))

.PHONY: debian12
debian12: setup ## Scenarios whose products are older on Debian 12 than on 13; one of them is in `make test`
	@tests/workshop/side_by_side.sh 2 "$(addprefix debian12-,cluster_framework haproxy load_balancer postfix_dovecot radicale)"

.PHONY: roles
roles: setup lab-image ## Molecule scenarios of the roles, on real containers, side by side; one of them with SCENARIOS=name
	@$(if $(word 2,$(SCENARIOS)),tests/workshop/side_by_side.sh 2 "$(addprefix scenario-,$(SCENARIOS))",\
	    $(MAKE) scenario-$(SCENARIOS))

# What runs of Ansible pack and compile of modules, to send them to nodes, is there for the next run; see tests/workshop.
scenario-% debian12-% contract-pacemaker: export ANSIBLE_CALLBACK_PLUGINS = $(CURDIR)/tests/workshop/callback
scenario-% debian12-% contract-pacemaker: export GROUPWARE_HA_COMPILED = $(CURDIR)/.cache/compiled
scenario-% debian12-% contract-pacemaker: export PYTHONPATH = $(CURDIR)/tests/workshop/compiled

# A scenario that needs other nodes than the rest has a description of its own.
description_of = $(if $(wildcard tests/lab/$(1).toml),$(1),molecule)

scenario-%: setup
	$(LAB) down $(call lab_of,$(call description_of,$*),$*) # what an interrupted run may have left behind
	$(LAB) enter $(call lab_of,$(call description_of,$*),$*) molecule test --scenario-name $*

# A lab has no way out: what its nodes are to have is fetched before it is entered.
scenario-glassfish debian12-glassfish: .cache/glassfish-7.0.21.zip
scenario-calendar_glassfish: .cache/glassfish-7.0.21.zip .cache/mariadb-java-client-3.5.3.jar

.cache/glassfish-%.zip: tests/workshop/glassfish.sh tests/workshop/maven.sh | setup
	tests/workshop/glassfish.sh $* $@

.cache/mariadb-java-client-3.5.3.jar: tests/workshop/maven.sh | setup
	tests/workshop/maven.sh org.mariadb.jdbc:mariadb-java-client:3.5.3:jar \
	    85c4ba2f221d0dfd439c26affbb294f784960763544263c65aba9c2c76858706 $@

debian12-%: export GROUPWARE_HA_RELEASE = bookworm
debian12-%: setup
	$(LAB) image # before it is entered: in a lab's network no packages can be had
	$(LAB) down $(call lab_of,$(call description_of,$*),$*-debian12)
	$(LAB) enter $(call lab_of,$(call description_of,$*),$*-debian12) molecule test --scenario-name $*

.PHONY: deployments
deployments: ## Molecule scenarios of the manuals' deployments; one of them with DEPLOYMENTS=name; not in `make test`
	@$(MAKE) roles SCENARIOS="$(DEPLOYMENTS)"

##@ Now and then

.PHONY: docs
docs: setup ## Build the documentation site into build/docs
	tests/workshop/docs.sh

.PHONY: lock
lock: setup ## Resolve the tools' versions anew into the pinned requirements
	tests/workshop/lock.sh

.PHONY: clean
clean: ## Remove what was built and cached in the checkout, virtual environments too
	rm -rf .venv .ansible .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build tests/output
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

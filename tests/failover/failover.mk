# The demo, and the proof that mail survives the loss of a node.

##@ Demo

.PHONY: demo
demo: ## From nothing to a mail cluster that has just survived the loss of a node; again: seconds
	@/usr/bin/python3 tests/failover/demo.py

.PHONY: downtime
downtime: setup ## Lose ten nodes of the running demo, one after the other: minimum, median and maximum downtime
	python tests/failover/node_loss.py --rounds 10 --json build/demo/downtime.json

.PHONY: demo-test
demo-test: setup ## What the demo promises, tested on a demo of its own
	$(if $(filter 0,$(shell id -u)),$(LAB) enter $(call lab_of,demo,test)) pytest -v tests/demo

##@ Benchmark

.PHONY: benchmark
benchmark: setup ## Compare with a loop of community.general's module, on a cluster of its own; half an hour
	@trap '$(LAB) down benchmark' EXIT; \
	$(LAB) up benchmark; \
	ansible-playbook -i tests/benchmark/inventory tests/benchmark/cluster.yml; \
	tests/benchmark/benchmark.py $(BENCHMARK_OPTIONS)

.PHONY: benchmark-frameworks
benchmark-frameworks: setup ## What a run without changes costs on each framework, with 1, 10 and 100 services
	python -m ansible_collections.groupware.ha.tests.benchmark.frameworks

.PHONY: benchmark-deployments
benchmark-deployments: setup ## Tasks, commands, changes and time of each deployment's first and second run; quarter of an hour
	tests/benchmark/deployments.py $(DEPLOYMENTS)

.PHONY: behaviours
behaviours: setup ## How much of what each simulator does is documented, and how much assumed
	python -m ansible_collections.groupware.ha.tests.conformance.behaviours

.PHONY: benchmark-sites
benchmark-sites: setup ## What site costs when nothing changes: 1, 5 and 20 simulated clusters, and the demo if it is there
	python -m ansible_collections.groupware.ha.tests.benchmark.sites $(BENCHMARK_OPTIONS)

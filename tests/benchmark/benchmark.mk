##@ Benchmark

.PHONY: benchmark
benchmark: setup ## Compare with a loop of community.general's module, on a cluster of its own; half an hour
	@trap '$(LAB) down benchmark' EXIT; \
	$(LAB) up benchmark; \
	ansible-playbook -i tests/benchmark/inventory tests/benchmark/cluster.yml; \
	tests/benchmark/benchmark.py $(BENCHMARK_OPTIONS)

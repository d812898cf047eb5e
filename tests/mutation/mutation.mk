##@ Mutation

.PHONY: mutation
mutation: setup ## Small changes to the code that tests must notice; some of them with TARGETS="files secrets"; not in `make test`
	pytest tests/mutation
	python tests/mutation/mutation.py $(TARGETS)

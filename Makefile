# Everything a person types. `make` alone lists it. Paths here are relative, so any folder will do.
.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench kills lock clean pictures translations

PY := .venv/bin/python

help: ## What there is
	@sed -n 's/^\([a-z]*\): ## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: ## Start the CRM (Ctrl-C stops it)
	@bin/setup && exec $(PY) -m crm up

demo: ## Fill it with a made-up bilingual company (before or while it runs)
	@bin/setup && exec $(PY) -m crm demo

# Three at a time even on two cores, since much of it waits for servers to come and go; the files of small tests come
# last, so that none waits at the end for a long one. Compiled code is kept, since tests start many processes.
test: ## Every test, the browser's included; ARGS='-k name' for some
	@unset PYTHONDONTWRITEBYTECODE; bin/setup dev && CRM_CHROMIUM="$$(bin/chromium)" && export CRM_CHROMIUM && exec $(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ## Style, types, and which part may import which
	@bin/setup dev && bin/lint

bench: ## Measure; one JSON line each; ONLY=name for one
	@bin/setup dev && CRM_CHROMIUM="$$(bin/chromium)" && export CRM_CHROMIUM && exec $(PY) -m bench $(ONLY)

kills: ## Kill workers, Redis and PostgreSQL at random instants of imports, undo, exports; ROUNDS=20 each
	@bin/setup dev && exec $(PY) -m tests.jobs.kill_matrix $(ROUNDS)

lock: ## Compile requirements/*.txt anew; ARGS=--upgrade for the newest versions
	@bin/lock $(ARGS)

pictures: ## Take the pictures of README and guides anew
	@bin/setup dev && CRM_CHROMIUM="$$(bin/chromium)" && export CRM_CHROMIUM && exec $(PY) -m tests.e2e.pictures

translations: ## Bring crm/translations up to date with the words in the code
	@bin/setup dev && bin/translations

clean: ## Remove what measurements keep (the instance stays)
	@rm -rf build

# Copyright: (c) 2026, dockfleet.host contributors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The commands of the project. Everything they need is made under .cache/ or, for what only the system can give, installed by apt.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo test lint sanity units molecule lab lab-test faults faults-quick bench build docs ecosystem changelog venv clean

CORE ?= 2.16
BIN := $(CURDIR)/.cache/venv/core-$(CORE)/bin
export PATH := $(BIN):$(PATH)
export ANSIBLE_HOME := $(CURDIR)/.cache/ansible-home
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/.cache/collections
# what Python has compiled is kept: without it, each start of Ansible takes twice as long
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

demo: lab ## two bare lab hosts become Docker hosts, through a verified mirror (CORE=newest: with the newest ansible-core)
	@tests/run-demo

test: ## lint, sanity, units, docs, lab, lab-test, faults-quick and molecule, with the time that each took
	@tests/run-all

lint: venv ## yamllint, ansible-lint (production), ruff, licence headers, changelog fragments, documentation of the plugins
	@tests/run-lint

sanity: venv ## ansible-test sanity on ansible-core 2.16 and the newest, without an ignore file
	@tests/run-sanity

units: venv ## unit tests on Python 2.7 (in the lab's el7 image; PY27=local: one on PATH), the old 3.x that are here, and both cores
	@tests/run-units

molecule: venv lab ## scenarios on real engines (SCENARIO=default: only that one)
	@tests/run-molecule $(SCENARIO)

lab: venv ## the images of the lab: hosts, network, engine packages; rebuilt only when their sources change
	@tests/lab/build

lab-test: lab ## proves that the lab's faults do what their names say
	@tests/run-pytest "tests of the lab" python -- tests/lab

faults: venv lab ## the fault suite: site.yml meets each of them, says so, loses nothing and completes in the next run (FAULTS="-k key": only some)
	@tests/run-faults $(FAULTS)

faults-quick: venv lab ## the faults for which make test has time, one of each kind
	@tests/run-faults --quick $(FAULTS)

bench: venv lab ## benchmarks, as ratios (BENCH=site: only that one; BENCH_OPTIONS="--hosts 1,8 --runs 3": fewer hosts, fewer runs)
	@tests/run-bench $(BENCH) -- $(BENCH_OPTIONS)

build: venv ## the tarball that ansible-galaxy installs
	@tests/copy-tree .cache/build
	@ansible-galaxy collection build --force --output-path . .cache/build

docs: venv ## the documentation site, .cache/docs/html: roles, modules, how each role decides; a warning is an error
	@tests/run-docs

ecosystem: venv lab ## the collection in an execution environment, under ansible-runner, installed offline, and by the commands of the READMEs
	@tests/run-ecosystem

changelog: venv ## puts the fragments into CHANGELOG.md, under the version of galaxy.yml
	@$(CURDIR)/.cache/venv/core-newest/bin/antsibull-changelog release --update-existing --reload-plugins --refresh-plugins

venv: ## the Python environments .cache/venv/core-2.16 and core-newest, and the collections path .cache/collections
	@printf '%s\n' core-2.16 core-newest | xargs -P2 -n1 tests/make-venv
	@tests/link-collection

clean: ## takes away all that make has made here, but not the lab's images
	@rm -rf .cache tests/output dockfleet-host-*.tar.gz

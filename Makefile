# One word for each thing a contributor does. `make build` needs Cython and setuptools (pip install -e '.[dev]').
PYTHON ?= python
CC ?= cc
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
C_BUILD = build/c

.PHONY: build test nightly test-c test-neon test-x86_v4 asan tsan exhaustive exhaustive-neon determinism bench bench-kernels docs lint clean

build:
	$(PYTHON) setup.py build_ext --inplace

test: build
	$(PYTHON) -m pytest

# What takes many minutes.
nightly: build
	$(PYTHON) -m pytest -m slow
	$(MAKE) determinism exhaustive

# The C core as a plain program, without Python: every kernel at every level that compiler and CPU have.
test-c asan tsan: export OUT = $(C_BUILD)/$@
asan: export CFLAGS = -O1 -g $(SANITIZE)
tsan: export CFLAGS = -O1 -g -fsanitize=thread
test-c asan tsan:
	CC=$(CC) tests/c/build.sh test_core
	$(OUT)

# neon, cross-compiled and run in an emulator (Debian: gcc-aarch64-linux-gnu qemu-user).
test-neon:
	CC=aarch64-linux-gnu-gcc CFLAGS=-O2 LDFLAGS=-static OUT=$(C_BUILD)/test-neon tests/c/build.sh test_core
	qemu-aarch64 $(C_BUILD)/test-neon

# One hash for every compiler there is, at several levels of optimisation: a line a build.
determinism:
	PYTHON=$(PYTHON) tests/c/determinism.sh

# The functions of one number for every float32 there is, at every level: their errors, their order, one hash of all
# results. Takes 15 minutes; STEP=65521 takes every 65,521st, as neon does in its emulator.
STEP = 1
exhaustive:
	CC=$(CC) CFLAGS=-O2 GENERIC_FLAGS="$(if $(filter x86_64,$(shell uname -m)),-mfma)" tests/c/build.sh exhaustive
	$(C_BUILD)/exhaustive $(STEP)

exhaustive-neon:
	CC=aarch64-linux-gnu-gcc CFLAGS=-O2 LDFLAGS=-static OUT=$(C_BUILD)/exhaustive-neon tests/c/build.sh exhaustive
	qemu-aarch64 $(C_BUILD)/exhaustive-neon 65521

# x86_v4 with its intrinsics emulated (Debian: libsimde-dev), for machines without AVX-512; needs AVX2.
EMULATED = -std=gnu11 -O0 -w -Wno-psabi -ffp-contract=off -mavx2 -mfma -mf16c
test-x86_v4:
	mkdir -p $(C_BUILD)
	$(CC) $(EMULATED) -DFNN_HAVE_x86_v4 -pthread -Isrc_c/include -Isrc_c/core tests/c/emulated_x86_v4.c tests/c/test_core.c \
		$(filter-out src_c/core/cpu.c,$(wildcard src_c/core/*.c)) src_c/targets/fnn_generic.c -lm -o $(C_BUILD)/test-x86_v4
	$(C_BUILD)/test-x86_v4

bench: build
	$(PYTHON) -m fastnn bench

bench-kernels: build
	$(PYTHON) -m fastnn.bench.kernels

# The pages in docs/_build/html, with every warning an error; needs pip install -e '.[docs]'. Runs the examples first.
docs:
	PYTHONSAFEPATH=1 $(PYTHON) -m sphinx -W --keep-going -q -b html docs docs/_build/html

lint:
	ruff check .
	cython-lint fastnn/_native

clean:
	rm -rf build dist *.egg-info fastnn/_native/core.c fastnn/_native/*.so

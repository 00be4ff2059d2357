# One word for each thing a contributor does. `make build` needs Cython and setuptools (pip install -e '.[dev]').
PYTHON ?= python
CC ?= cc
CFLAGS_C = -std=c11 -O1 -g -Wall -Wextra -Werror -ffp-contract=off
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
X86_V3 = -mavx2 -mfma -mbmi -mbmi2 -mlzcnt -mmovbe -mf16c -mpopcnt
ISA := $(if $(filter x86_64,$(shell uname -m)),x86_v3,)
C_BUILD = build/c

.PHONY: build test nightly test-c test-neon test-x86_v4 asan tsan bench bench-kernels docs lint clean

build:
	$(PYTHON) setup.py build_ext --inplace

test: build
	$(PYTHON) -m pytest

# What takes minutes.
nightly: build
	$(PYTHON) -m pytest -m slow

# The C core as a plain program, without Python.
C_TEST = -pthread -Isrc_c/include -Isrc_c/core tests/c/test_core.c $(filter-out src_c/core/cpu.c,$(wildcard src_c/core/*.c))
test-c: SANITIZE =
tsan: SANITIZE = -fsanitize=thread
test-c asan tsan:
	mkdir -p $(C_BUILD)
	$(CC) $(CFLAGS_C) $(SANITIZE) -c src_c/targets/fnn_generic.c -o $(C_BUILD)/generic.o
	$(if $(ISA),$(CC) $(CFLAGS_C) $(SANITIZE) $(X86_V3) -c src_c/targets/fnn_x86_v3.c -o $(C_BUILD)/x86_v3.o)
	$(CC) $(CFLAGS_C) $(SANITIZE) $(addprefix -DFNN_HAVE_,$(ISA)) $(C_TEST) src_c/core/cpu.c \
		$(C_BUILD)/generic.o $(if $(ISA),$(C_BUILD)/x86_v3.o) -lm -o $(C_BUILD)/test_core
	$(C_BUILD)/test_core

# neon, cross-compiled and run in an emulator (Debian: gcc-aarch64-linux-gnu qemu-user).
test-neon: CC = aarch64-linux-gnu-gcc
test-neon:
	mkdir -p $(C_BUILD)
	$(CC) $(CFLAGS_C) -O2 -static -DFNN_HAVE_neon $(C_TEST) src_c/core/cpu.c src_c/targets/fnn_generic.c \
		src_c/targets/fnn_neon.c -lm -o $(C_BUILD)/test_neon
	qemu-aarch64 $(C_BUILD)/test_neon

# x86_v4 with its intrinsics emulated (Debian: libsimde-dev), for machines without AVX-512; needs AVX2.
test-x86_v4:
	mkdir -p $(C_BUILD)
	$(CC) -std=gnu11 -O0 -w -Wno-psabi -ffp-contract=off $(X86_V3) -c tests/c/emulated_x86_v4.c -o $(C_BUILD)/x86_v4.o
	$(CC) $(CFLAGS_C) -DFNN_HAVE_x86_v4 $(C_TEST) src_c/targets/fnn_generic.c $(C_BUILD)/x86_v4.o -lm \
		-o $(C_BUILD)/test_x86_v4
	$(C_BUILD)/test_x86_v4

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

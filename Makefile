# One word for each thing a contributor does. `make build` needs Cython and setuptools (pip install -e '.[dev]').
PYTHON ?= python
CC ?= cc
CFLAGS_C = -std=c11 -O1 -g -Wall -Wextra -Werror -ffp-contract=off
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined
X86_V3 = -mavx2 -mfma -mbmi -mbmi2 -mlzcnt -mmovbe -mf16c -mpopcnt
ISA := $(if $(filter x86_64,$(shell uname -m)),x86_v3,)
C_BUILD = build/c

.PHONY: build test test-c asan bench lint clean

build:
	$(PYTHON) setup.py build_ext --inplace

test: build
	$(PYTHON) -m pytest

# The C core as a plain program, without Python.
test-c: SANITIZE =
test-c asan:
	mkdir -p $(C_BUILD)
	$(CC) $(CFLAGS_C) $(SANITIZE) -c src_c/targets/fnn_generic.c -o $(C_BUILD)/generic.o
	$(if $(ISA),$(CC) $(CFLAGS_C) $(SANITIZE) $(X86_V3) -c src_c/targets/fnn_x86_v3.c -o $(C_BUILD)/x86_v3.o)
	$(CC) $(CFLAGS_C) $(SANITIZE) $(addprefix -DFNN_HAVE_,$(ISA)) -Isrc_c/include tests/c/test_core.c src_c/core/*.c \
		$(C_BUILD)/generic.o $(if $(ISA),$(C_BUILD)/x86_v3.o) -lm -o $(C_BUILD)/test_core
	$(C_BUILD)/test_core

bench: build
	$(PYTHON) -m fastnn bench

lint:
	ruff check .
	cython-lint fastnn/_native

clean:
	rm -rf build dist *.egg-info fastnn/_native/core.c fastnn/_native/*.so

#!/bin/sh
# determinism.sh: the C core by each compiler there is, at several levels of optimisation, and for neon in its emulator.
#
# Each build runs test_core, which compares every operation at every level, on 1 to 8 threads, with and without the zeros
# left out, with the hashes committed in op_hashes.def, and a training run with TRAINING_HASH. One line a build.
set -u
mkdir -p build/c
failed=0
run() {
    name=$1 emulator=$2
    if tests/c/build.sh test_core > build/c/determinism.log 2>&1 && $emulator "$OUT" >> build/c/determinism.log 2>&1; then
        echo "$name: $(tail -n 1 build/c/determinism.log)"
    else
        echo "$name: FAILED"
        tail -n 20 build/c/determinism.log
        failed=1
    fi
}
export CC CFLAGS LDFLAGS OUT=build/c/determinism
for CC in gcc clang; do
    if ! command -v $CC > /dev/null; then echo "$CC: not installed"; continue; fi
    for CFLAGS in -O1 -O2 -O3 "-O2 -flto"; do
        LDFLAGS="" run "$CC $CFLAGS" ""
    done
done
CC=aarch64-linux-gnu-gcc CFLAGS=-O2 LDFLAGS=-static
if command -v $CC > /dev/null && command -v qemu-aarch64 > /dev/null; then run "$CC $CFLAGS" qemu-aarch64; fi
exit $failed

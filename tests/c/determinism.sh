#!/bin/sh
# determinism.sh: the same bits from each compiler there is, at several levels of optimisation, and for neon in its
# emulator. One line a build.
#
# Each build of the C core runs test_core, which compares every operation at every level, on 1 to 8 threads, with and
# without the zeros left out, with the hashes committed in op_hashes.def, and a training run with TRAINING_HASH. Each build
# of the extension (at -O3, as setup.py has it) trains MNIST: tests/training/test_determinism.py.
set -u
: "${PYTHON:=python}"
root=$PWD
build=$root/build/determinism
mkdir -p "$build"
failed=0
report() { # report NAME RESULT: what the log of a build ends with
    if [ "$2" = 0 ]; then
        echo "$1: $(tail -n 1 "$build/log")"
    else
        echo "$1: FAILED"
        tail -n 20 "$build/log"
        failed=1
    fi
}
core() { # core NAME EMULATOR
    { tests/c/build.sh test_core && $2 "$OUT"; } > "$build/log" 2>&1
    report "$1" $?
}
extension() { # extension NAME
    rm -rf "$build/lib" "$build/temp"
    {
        $PYTHON setup.py -q build --force --build-base "$build/temp" --build-lib "$build/lib" && cd "$build/lib" &&
            $PYTHON -m pytest -q -p no:cacheprovider --rootdir="$root" "$root/tests/training/test_determinism.py"
    } > "$build/log" 2>&1
    set -- "$1" $?
    cd "$root" || exit 1
    report "$1" "$2"
}
export CC CFLAGS LDFLAGS="" OUT="$build/test_core"
for CC in gcc clang; do
    if ! command -v $CC > /dev/null; then echo "$CC: not installed"; continue; fi
    for CFLAGS in -O1 -O2 -O3 "-O2 -flto"; do core "$CC $CFLAGS" ""; done
    for CFLAGS in "" -flto; do extension "the extension, $CC $CFLAGS"; done
done
CC=aarch64-linux-gnu-gcc CFLAGS=-O2 LDFLAGS=-static
if command -v $CC > /dev/null && command -v qemu-aarch64 > /dev/null; then core "$CC $CFLAGS" qemu-aarch64; fi
exit $failed

#!/bin/sh
# build.sh PROGRAM: compile tests/c/PROGRAM.c and the C core, with every level that the compiler knows, for any CPU.
#
# From the environment: CC, CFLAGS, LDFLAGS, OUT (the executable; its objects go into OUT.objects), and GENERIC_FLAGS
# (of the level generic, which calls fma() of the C library unless they allow the instruction). The levels' flags are
# those of setup.py.
set -eu
: "${CC:=cc}" "${CFLAGS:=-O1 -g}" "${LDFLAGS:=}" "${GENERIC_FLAGS:=}" "${OUT:=build/c/$1}"
v3="-mavx2 -mfma -mbmi -mbmi2 -mlzcnt -mmovbe -mf16c -mpopcnt"
v4="$v3 -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl -mprefer-vector-width=512"
CFLAGS="-std=c11 -Wall -Wextra -Werror -ffp-contract=off -pthread $CFLAGS"
rm -rf "$OUT.objects"
mkdir -p "$OUT.objects"

flags() {
    case $1 in generic) echo "$GENERIC_FLAGS" ;; x86_v3) echo "$v3" ;; x86_v4) echo "$v4" ;; esac
}

jobs="" have=""
for level in generic x86_v3 x86_v4 neon; do
    if [ $level = generic ] || $CC $(flags $level) -c src_c/probes/$level.c -o "$OUT.objects/probe.o" 2>/dev/null; then
        have="$have -DFNN_HAVE_$level"
        $CC $CFLAGS $(flags $level) -c src_c/targets/fnn_$level.c -o "$OUT.objects/$level.o" &
        jobs="$jobs $!"
    fi
done
rm -f "$OUT.objects/probe.o"
for job in $jobs; do wait "$job"; done
$CC $CFLAGS $have -Isrc_c/include -Isrc_c/core "tests/c/$1.c" src_c/core/*.c "$OUT.objects"/*.o $LDFLAGS -lm -o "$OUT"

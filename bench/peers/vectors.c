// Multiply-adds of vectors of two doubles, in registers only, with no loads and no matrix: the most that code of 128 bits, such as WASM's,
// can do on this processor. Prints GFLOP/s. Compiled with -ffp-contract=fast it fuses, with =off not.
#include <stdio.h>
#include <time.h>

typedef double vector __attribute__((vector_size(16)));
#ifdef __x86_64__
#define UNKNOWN(v) __asm__ volatile("" : "+x"(v)) // else the compiler would multiply once for all
#else
#define UNKNOWN(v) __asm__ volatile("" : "+w"(v))
#endif
enum { sums = 12, turns = 20000000 };

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

int main(void) {
  vector a = {1e-3, 1e-3}, b = {1e-3, 1e-3}, c[sums] = {{0}};
  double start = now();
  for (long i = 0; i < turns; i++) {
#pragma GCC unroll 12
    for (int j = 0; j < sums; j++) { UNKNOWN(a); c[j] += a * b; }
  }
  for (int j = 0; j < sums; j++) UNKNOWN(c[j]);
  printf("%.3f\n", sums * 4.0 * turns / (now() - start) / 1e9);
}

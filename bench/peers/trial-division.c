// Odd divisors tested a second, by remainders of 64 or 128 bits, or by AVX2 doubles.
#include <immintrin.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
typedef unsigned __int128 u128;
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }
static long rem64(uint64_t n, uint64_t d, long count) {
  long hits = 0;
  for (long i = 0; i < count; i++, d += 2) hits += n % d == 0;
  return hits;
}
static long rem128(u128 n, uint64_t d, long count) {
  long hits = 0;
  for (long i = 0; i < count; i++, d += 2) hits += n % d == 0;
  return hits;
}
static long doubles(double n, double d, long count) {
  __m256d vn = _mm256_set1_pd(n), eight = _mm256_set1_pd(8), sixteen = _mm256_set1_pd(16);
  __m256d a = _mm256_add_pd(_mm256_set1_pd(d), _mm256_setr_pd(0, 2, 4, 6)), b = _mm256_add_pd(a, eight);
  __m256i hits = _mm256_setzero_si256();
  for (long i = 0; i < count; i += 8) {
    __m256d p = _mm256_div_pd(vn, a), q = _mm256_div_pd(vn, b);
    hits = _mm256_sub_epi64(hits, _mm256_castpd_si256(_mm256_cmp_pd(p, _mm256_floor_pd(p), _CMP_EQ_OQ)));
    hits = _mm256_sub_epi64(hits, _mm256_castpd_si256(_mm256_cmp_pd(q, _mm256_floor_pd(q), _CMP_EQ_OQ)));
    a = _mm256_add_pd(a, sixteen);
    b = _mm256_add_pd(b, sixteen);
  }
  int64_t h[4];
  _mm256_storeu_si256((__m256i *)h, hits);
  return h[0] + h[1] + h[2] + h[3];
}
/* kind, n's high and low word, from, to: sixteen windows spread evenly over the range; prints odd divisors a second and the hits. */
int main(int argc, char **argv) {
  u128 n = ((u128)strtoull(argv[2], 0, 10) << 64) | strtoull(argv[3], 0, 10);
  uint64_t from = strtoull(argv[4], 0, 10), to = strtoull(argv[5], 0, 10), windows = 16, width = (to - from) / windows;
  long count = 1 << 20, hits = 0, windowsDone = 0;
  double start = now();
  while (now() - start < 0.3)
    for (uint64_t w = 0; w < windows; w++, windowsDone++) {
      uint64_t d = (from + w * width) | 1;
      hits += *argv[1] == 'd' ? doubles((double)(uint64_t)n, (double)d, count)
            : n >> 64 ? rem128(n, d, count) : rem64((uint64_t)n, d, count);
    }
  printf("%.6e %ld\n", windowsDone * count / (now() - start), hits);
  return argc < 6;
}

/* Which x86-64 level may the kernel use on this machine?
 *
 * int ion_level(void) returns 2, 3 or 4 for the micro-architecture levels x86-64-v2, v3, v4 (System V psABI),
 * 1 for an older x86-64 processor and 0 for any other machine. Compiled without -march, so it runs
 * everywhere. A level counts only if the operating system saves the vector registers that it needs (XCR0).
 * The compiler's __builtin_cpu_supports is not used: its table is not filled by every compiler's run-time.
 */
#if defined(_WIN32)
#define ION_EXPORT __declspec(dllexport)
#else
#define ION_EXPORT __attribute__((visibility("default")))
#endif

#if defined(__x86_64__)
#include <cpuid.h>

static unsigned long long saved_registers(void) {
  unsigned int low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return ((unsigned long long)high << 32) | low;
}

/* All bits of mask set in word? */
static int has(unsigned int word, unsigned int mask) { return (word & mask) == mask; }

ION_EXPORT int ion_level(void) {
  unsigned int a, b, c, d, leaf7_b = 0, ext_c = 0, unused_c, unused_d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 1;
  const unsigned int leaf1_c = c;
  if (__get_cpuid_count(7, 0, &a, &b, &unused_c, &unused_d)) leaf7_b = b;
  if (__get_cpuid(0x80000001u, &a, &b, &c, &d)) ext_c = c;

  /* v2: SSE3, SSSE3, CMPXCHG16B, SSE4.1, SSE4.2, POPCNT; LAHF-SAHF */
  const unsigned int v2 = 1u << 0 | 1u << 9 | 1u << 13 | 1u << 19 | 1u << 20 | 1u << 23;
  if (!has(leaf1_c, v2) || !has(ext_c, 1u << 0)) return 1;

  /* v3: FMA, MOVBE, OSXSAVE, AVX, F16C; BMI1, AVX2, BMI2; LZCNT; XMM and YMM saved */
  const unsigned int v3 = 1u << 12 | 1u << 22 | 1u << 27 | 1u << 28 | 1u << 29;
  if (!has(leaf1_c, v3) || !has(leaf7_b, 1u << 3 | 1u << 5 | 1u << 8) || !has(ext_c, 1u << 5)) return 2;
  const unsigned long long saved = saved_registers();
  if ((saved & 0x6) != 0x6) return 2;

  /* v4: AVX512F, DQ, CD, BW, VL; opmask and ZMM saved */
  if (!has(leaf7_b, 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31) || (saved & 0xe0) != 0xe0) return 3;
  return 4;
}

#else

ION_EXPORT int ion_level(void) { return 0; }

#endif

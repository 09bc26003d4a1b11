#include "rows.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

void sohoa_means(uint8_t *to, int n, const uint16_t *sums, int k, uint32_t scale) {
	for (int x = 0; x < n; x++) {
		uint32_t s = 0;
		for (int i = 0; i < k; i++) s += sums[k * x + i];
		to[x] = (s * scale + (1 << 23)) >> 24; // under 2^32: scale is at most 2^24 / k^2 + 1
	}
}

WIDE static void sums4(uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict c, const uint8_t *restrict d, int n) {
	for (int x = 0; x < n; x++) sums[x] = a[x] + b[x] + c[x] + d[x];
}

#ifdef __x86_64__
#include <immintrin.h>

// Sums of neighbours: a byte and the next, then two of these.
__attribute__((target("avx2"))) static inline __m256i pairs(__m256i bytes) { return _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1)); }
__attribute__((target("avx2"))) static inline __m256i twos(__m256i words) { return _mm256_madd_epi16(words, _mm256_set1_epi16(1)); }

__attribute__((target("avx2"))) static inline void store16(uint8_t *to, __m256i words) {
	_mm_storeu_si128((__m128i *)to, _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1)));
}

__attribute__((target("avx2"))) static inline __m256i fours(const uint8_t *rows, long stride) {
	__m256i sum = _mm256_setzero_si256();
	for (int i = 0; i < 4; i++) sum = _mm256_add_epi16(sum, pairs(_mm256_loadu_si256((const __m256i *)(rows + i * stride))));
	return twos(sum);
}

// fourths writes as many sixteens of means as there are in n, and returns how many means.
__attribute__((target("avx2"))) static int fourths(uint8_t *to, int n, const uint8_t *rows, long stride) {
	int i = 0;
	for (; i + 16 <= n; i += 16, rows += 64) {
		__m256i words = _mm256_permute4x64_epi64(_mm256_packus_epi32(fours(rows, stride), fours(rows + 32, stride)), 0xd8);
		store16(to + i, _mm256_srli_epi16(_mm256_add_epi16(words, _mm256_set1_epi16(8)), 4));
	}
	return i;
}

// nines are the sums of three by three of 12 samples at two places.
__attribute__((target("avx2"))) static inline __m256i nines(const uint8_t *a, const uint8_t *b, long stride) {
	const __m256i apart = _mm256_setr_epi8(0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1);
	__m256i sum = _mm256_setzero_si256();
	for (int i = 0; i < 3; i++, a += stride, b += stride) {
		__m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)), _mm_loadu_si128((const __m128i *)b), 1);
		sum = _mm256_add_epi16(sum, pairs(_mm256_shuffle_epi8(both, apart)));
	}
	return twos(sum);
}

// ninths does as fourths; it reads four samples behind those of each sixteen.
__attribute__((target("avx2"))) static int ninths(uint8_t *to, int n, const uint8_t *rows, long stride) {
	int i = 0;
	for (; 3 * i + 52 <= 3 * n; i += 16, rows += 48) {
		__m256i words = _mm256_packus_epi32(nines(rows, rows + 24, stride), nines(rows + 12, rows + 36, stride));
		store16(to + i, _mm256_mulhi_epu16(_mm256_add_epi16(words, _mm256_set1_epi16(4)), _mm256_set1_epi16(7282))); // see thirds
	}
	return i;
}
#endif

static void means4(uint8_t *to, int n, const uint8_t *rows, long stride) {
	enum { SOME = 256 };
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		int done = fourths(to, n, rows, stride);
		n -= done, to += done, rows += 4 * done;
	}
#endif
	uint16_t sums[4 * SOME];
	for (; n > 0; n -= SOME, to += SOME, rows += 4 * SOME) {
		int m = n < SOME ? n : SOME;
		sums4(sums, rows, rows + stride, rows + 2 * stride, rows + 3 * stride, 4 * m);
		for (int x = 0; x < m; x++) {
			uint64_t four;
			memcpy(&four, sums + 4 * x, sizeof four);
			to[x] = ((four * 0x0001000100010001 >> 48) + 8) >> 4; // the product's highest part is the sum of all four
		}
	}
}

void sohoa_means4(uint8_t *to, int n, int h, const uint8_t *rows, long stride) {
	for (int y = 0; y < h; y++) means4(to + (long)y * n, n, rows + (long)4 * y * stride, stride);
}

// thirds writes the means of nine pixels about each.
WIDE static void thirds(uint8_t *restrict to, uint16_t *restrict sums, const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict c, int n) {
	for (int x = 0; x < n + 2; x++) sums[x] = a[x] + b[x] + c[x];
	for (int x = 0; x < n; x++) {
		uint16_t nine = sums[x] + sums[x + 1] + sums[x + 2] + 4;
		to[x] = (uint32_t)nine * 7282 >> 16; // a ninth: 7282 is 65536 / 9 and 0.22 more, which is too little to count
	}
}

static void means3(uint8_t *to, int n, const uint8_t *rows, long stride) {
	enum { SOME = 256 };
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		int done = ninths(to, n, rows, stride);
		n -= done, to += done, rows += 3 * done;
	}
#endif
	uint8_t all[3 * SOME];
	uint16_t sums[3 * SOME];
	for (; n > 0; n -= SOME, to += SOME, rows += 3 * SOME) {
		int m = n < SOME ? n : SOME;
		thirds(all, sums, rows, rows + stride, rows + 2 * stride, 3 * m - 2);
		for (int x = 0; x < m; x++) to[x] = all[3 * x];
	}
}

void sohoa_means3(uint8_t *to, int n, int h, const uint8_t *rows, long stride) {
	for (int y = 0; y < h; y++) means3(to + (long)y * n, n, rows + (long)3 * y * stride, stride);
}

#include "rows.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

// lighter tells of less than 65536 samples how many are no darker than v.
WIDE static int lighter(const uint8_t *restrict some, int n, uint8_t v) {
	uint16_t sum = 0;
	for (int i = 0; i < n; i++) sum += some[i] >= v;
	return sum;
}

int64_t sohoa_lighter(const uint8_t *rows, long stride, int n, int h, int v) {
	enum { MOST = 65535 };
	int64_t sum = 0;
	for (int y = 0; y < h; y++, rows += stride)
		for (int x = 0; x < n; x += MOST) sum += lighter(rows + x, n - x < MOST ? n - x : MOST, v);
	return sum;
}

WIDE static void second(uint8_t *restrict to, const uint8_t *restrict row, int n) {
	for (int i = 0; i < n; i++) to[i] = row[2 * i];
}

#ifdef __x86_64__
#include <immintrin.h>

// small is sohoa_quartile of at most 64 by 64 samples, of which 64 of each row may be read. What
// is not looked at is black, and never counts.
__attribute__((target("avx2"))) static int small(const uint8_t *rows, long stride, int w, int h) {
	uint8_t keep[64] = {0};
	for (int x = 0; x < w; x += 2) keep[x] = 255;
	__m256i some[32], left = _mm256_loadu_si256((const __m256i *)keep), right = _mm256_loadu_si256((const __m256i *)(keep + 32));
	int down = (h + 1) / 2, n = (w + 1) / 2 * down;
	for (int y = 0; y < down; y++, rows += 2 * stride) {
		__m256i l = _mm256_loadu_si256((const __m256i *)rows), r = _mm256_loadu_si256((const __m256i *)(rows + 32));
		some[y] = _mm256_packus_epi16(_mm256_and_si256(l, left), _mm256_and_si256(r, right));
	}
	int lo = 0, hi = 255;
	while (lo < hi) {
		int mid = (lo + hi + 1) / 2;
		__m256i least = _mm256_set1_epi8(mid), sum = _mm256_setzero_si256();
		for (int y = 0; y < down; y++) sum = _mm256_sub_epi8(sum, _mm256_cmpeq_epi8(_mm256_max_epu8(some[y], least), some[y]));
		sum = _mm256_sad_epu8(sum, _mm256_setzero_si256());
		int lighter = _mm256_extract_epi64(sum, 0) + _mm256_extract_epi64(sum, 1) + _mm256_extract_epi64(sum, 2) + _mm256_extract_epi64(sum, 3);
		if (lighter * 4 > n) lo = mid;
		else hi = mid - 1;
	}
	return lo;
}
#endif

int sohoa_quartile(uint8_t *some, const uint8_t *rows, long stride, int w, int h, int readable) {
#ifdef __x86_64__
	if (w <= 64 && h <= 64 && readable >= 64 && __builtin_cpu_supports("avx2")) return small(rows, stride, w, h);
#endif
	int n = 0, across = (w + 1) / 2;
	for (int y = 0; y < h; y += 2, rows += 2 * stride, n += across) {
		second(some + n, rows, w / 2);
		if (w & 1) some[n + across - 1] = rows[w - 1];
	}
	int lo = 0, hi = 255; // the quartile is at least lo and at most hi
	while (lo < hi) {
		int mid = (lo + hi + 1) / 2;
		if (lighter(some, n, mid) * 4 > n) lo = mid;
		else hi = mid - 1;
	}
	return lo;
}

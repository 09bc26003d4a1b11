#include "shim.h"

#include <stdint.h>

enum { TILE = 16 };

// tile sums the structure tensor over n pixels of every second of so many rows.
static void tile(double *f, const unsigned char *row, long stride, int rows, int n) {
	int xx = 0, yy = 0, xy = 0;
	for (; rows > 0; rows--, row += 2 * stride)
		for (int i = 0; i < n; i++) {
			int dx = row[i + 1] - row[i - 1], dy = row[i + stride] - row[i - stride];
			xx += dx * dx;
			yy += dy * dy;
			xy += dx * dy;
		}
	f[0] = xx;
	f[1] = yy;
	f[2] = xy;
}

#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx2"))) static inline __m256i sixteen(const unsigned char *p) {
	return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)p));
}

__attribute__((target("avx2"))) static inline double sum(__m256i v) {
	__m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
	return _mm_cvtsi128_si32(_mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1)));
}

// whole_tiles does the same with tiles of sixteen pixels, each row at once.
__attribute__((target("avx2"))) static void whole_tiles(double *f, const unsigned char *tiles, long stride, int rows, int n) {
	for (; n > 0; n--, f += 3, tiles += TILE) {
		__m256i xx = _mm256_setzero_si256(), yy = xx, xy = xx;
		const unsigned char *row = tiles;
		for (int y = 0; y < rows; y++, row += 2 * stride) {
			__m256i dx = _mm256_sub_epi16(sixteen(row + 1), sixteen(row - 1)), dy = _mm256_sub_epi16(sixteen(row + stride), sixteen(row - stride));
			xx = _mm256_add_epi32(xx, _mm256_madd_epi16(dx, dx));
			yy = _mm256_add_epi32(yy, _mm256_madd_epi16(dy, dy));
			xy = _mm256_add_epi32(xy, _mm256_madd_epi16(dx, dy));
		}
		f[0] = sum(xx);
		f[1] = sum(yy);
		f[2] = sum(xy);
	}
}

static int wide(void) { return __builtin_cpu_supports("avx2"); }
#else
static void whole_tiles(double *f, const unsigned char *tiles, long stride, int rows, int n) {}
static int wide(void) { return 0; }
#endif

void sohoa_flows(const unsigned char *pixels, int width, int height, int stride, double *all) {
	int w = width / TILE, h = height / TILE, most = wide() ? w - 2 : 0;
	for (int y = 0; y < h; y++, all += 3L * w) {
		const unsigned char *row = pixels + (y * TILE + 1L) * stride;
		int rows = y < h - 1 ? TILE / 2 : TILE / 2 - 1; // the last row of all has none below it
		if (most > 0) whole_tiles(all + 3, row + TILE, stride, rows, most);
		for (int t = 0; t < w; t++) {
			if (t == 1 && most > 0) t += most;
			int from = t > 0 ? t * TILE : 1, to = (t + 1) * TILE < width ? (t + 1) * TILE : width - 1;
			tile(all + 3L * t, row + from, stride, rows, to - from);
		}
	}
}

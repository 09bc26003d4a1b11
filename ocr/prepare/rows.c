#include "rows.h"

#include <string.h>

// Machines of the last ten years take 32 bytes at once; the others run what they can.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

static inline uint8_t clamped(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

WIDE static void red_row(uint8_t *restrict red, const uint8_t *restrict luma, const uint8_t *restrict cr, int n) {
	for (int i = 0; i < n / 2; i++) {
		int d = (91881 * (cr[i] - 128) + 32768) >> 16;
		red[2 * i] = clamped(luma[2 * i] + d);
		red[2 * i + 1] = clamped(luma[2 * i + 1] + d);
	}
	if (n & 1) red[n - 1] = clamped(luma[n - 1] + ((91881 * (cr[n / 2] - 128) + 32768) >> 16));
}

void sohoa_red(uint8_t *red, int red_stride, const uint8_t *luma, int luma_stride, const uint8_t *cr, int cr_stride, int w, int h, int down) {
	for (int y = 0; y < h; y++)
		red_row(red + (long)y * red_stride, luma + (long)y * luma_stride, cr + (long)(y / down) * cr_stride, w);
}

WIDE static int above(const uint8_t *restrict row, int n, int least) {
	int sum = 0;
	for (int i = 0; i < n; i++) sum += row[i] > least;
	return sum;
}

void sohoa_reds(int32_t *cells, const uint8_t *cr, int n, int side, int across, int least, int weight) {
	for (int x = 0, cell = 0; x < n; cell++) {
		int end = ((cell + 1) * side + across - 1) / across; // the first sample of the next cell
		if (end > n) end = n;
		cells[cell] += weight * above(cr + x, end - x, least);
		x = end;
	}
}

WIDE void sohoa_sums(uint16_t *restrict sums, const uint8_t *restrict rows, int stride, int n, int h) {
	for (int y = 0; y < h; y++, rows += stride)
		for (int x = 0; x < n; x++) sums[x] += rows[x];
}

#ifdef __x86_64__
#include <immintrin.h>

// eight pairs of neighbours of a row, weighed: shuffled out of 16 bytes, in 32 bits each.
__attribute__((target("avx2"))) static inline __m256i weighed(const uint8_t *row, __m128i pick, __m256i weights) {
	__m128i pairs = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)row), pick);
	return _mm256_madd_epi16(_mm256_cvtepu8_epi16(pairs), weights);
}

// eights does as many eights of samples as can be had without reading behind w, and
// returns how many samples these are. A step is two pixels at most, so that eight
// neighbours lie in 16 bytes.
__attribute__((target("avx2"))) static int eights(uint8_t *to, int n, const uint8_t *top, const uint8_t *low, int w, uint32_t x, uint32_t step, int32_t fy, int32_t df) {
	const __m256i ramp = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), byte = _mm256_set1_epi32(255), half = _mm256_set1_epi32(32768);
	const __m256i steps = _mm256_mullo_epi32(ramp, _mm256_set1_epi32(step)), falls = _mm256_mullo_epi32(ramp, _mm256_set1_epi32(df));
	const __m256i low16 = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1);
	int i = 0;
	for (; i + 8 <= n && (int)(x >> 16) + 16 <= w; i += 8, x += 8 * step, fy += 8 * df) {
		int at = x >> 16;
		__m256i xs = _mm256_add_epi32(_mm256_set1_epi32(x), steps);
		__m256i fx = _mm256_and_si256(_mm256_srli_epi32(xs, 8), byte);
		__m256i off = _mm256_sub_epi32(_mm256_srli_epi32(xs, 16), _mm256_set1_epi32(at));
		// Of each lane the offset and the one behind it, as two bytes.
		__m256i two = _mm256_shuffle_epi8(_mm256_or_si256(off, _mm256_slli_epi32(_mm256_add_epi32(off, _mm256_set1_epi32(1)), 8)), low16);
		__m128i pick = _mm_unpacklo_epi64(_mm256_castsi256_si128(two), _mm256_extracti128_si256(two, 1));
		__m256i weights = _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(256), fx), _mm256_slli_epi32(fx, 16));
		__m256i a = weighed(top + at, pick, weights), b = weighed(low + at, pick, weights);
		__m256i down = _mm256_srai_epi32(_mm256_add_epi32(_mm256_set1_epi32(fy), falls), 8);
		__m256i v = _mm256_add_epi32(_mm256_slli_epi32(a, 8), _mm256_mullo_epi32(_mm256_sub_epi32(b, a), down));
		v = _mm256_srli_epi32(_mm256_add_epi32(v, half), 16);
		__m128i words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
		_mm_storel_epi64((__m128i *)(to + i), _mm_packus_epi16(words, words));
	}
	return i;
}
#endif

// stretch samples between two rows of w pixels.
static void stretch(uint8_t *restrict to, int n, const uint8_t *restrict top, const uint8_t *restrict low, int w, int64_t from, int64_t by, int32_t fy, int32_t df) {
	int i = 0;
	if (by < 0 || from + by * n > 0x7fffffff) { // an image turned over, or wider than any paper
		for (; i < n; i++, from += by, fy += df) {
			const uint8_t *t = top + (from >> 16), *l = low + (from >> 16);
			int32_t fx = from >> 8 & 255;
			int32_t a = t[0] * 256 + (t[1] - t[0]) * fx, b = l[0] * 256 + (l[1] - l[0]) * fx;
			to[i] = (a * 256 + (b - a) * (fy >> 8) + 32768) >> 16;
		}
		return;
	}
	uint32_t x = from, step = by;
#ifdef __x86_64__
	if (step <= 2 << 16 && __builtin_cpu_supports("avx2")) {
		i = eights(to, n, top, low, w, x, step, fy, df);
		x += i * step;
		fy += i * df;
	}
#endif
	for (; i < n; i++) {
		const uint8_t *t = top + (x >> 16), *l = low + (x >> 16);
		int32_t fx = x >> 8 & 255;
		int32_t a = t[0] * 256 + (t[1] - t[0]) * fx, b = l[0] * 256 + (l[1] - l[0]) * fx;
		to[i] = (a * 256 + (b - a) * (fy >> 8) + 32768) >> 16;
		x += step;
		fy += df;
	}
}

WIDE static void times(uint8_t *row, int n, uint32_t by) {
	for (int i = 0; i < n; i++) {
		uint32_t v = row[i] * by >> 16;
		row[i] = v > 255 ? 255 : v;
	}
}

void sohoa_line(uint8_t *to, int n, const uint8_t *image, int stride, int w, int64_t sx, int64_t dx, int64_t sy, int64_t dy) {
	while (n > 0) { // pages are turned by little: long stretches come from the same two rows
		int64_t m = n, part = sy & 65535;
		if (dy > 0) m = (65535 - part) / dy + 1;
		if (dy < 0) m = part / -dy + 1;
		if (m > n) m = n;
		const uint8_t *top = image + (sy >> 16) * stride;
		stretch(to, m, top, top + stride, w, sx, dx, part, dy);
		to += m;
		n -= m;
		sx += m * dx;
		sy += m * dy;
	}
}

void sohoa_whiten(uint8_t *row, int n, const uint32_t *white, int32_t p, int32_t step) {
	while (n > 0) {
		int32_t level = p >> 16, m = n; // so many pixels have paper of the same grey
		if (step > 0) m = (((level + 1) << 16) - p + step - 1) / step;
		if (step < 0) m = (p - (level << 16)) / -step + 1;
		if (m > n) m = n;
		times(row, m, white[level]);
		row += m;
		n -= m;
		p += m * step;
	}
}

// A grey that is counted again at once waits for itself: greys are counted in two tables
// in turn.
void sohoa_counts(uint32_t *counts, const uint8_t *rows, long stride, int w, int h, int step) {
	uint32_t odd[256] = {0};
	for (int y = 0; y < h; y++, rows += stride) {
		int x = 0;
		for (; x + step < w; x += 2 * step) {
			counts[rows[x]]++;
			odd[rows[x + step]]++;
		}
		if (x < w) counts[rows[x]]++;
	}
	for (int i = 0; i < 256; i++) counts[i] += odd[i];
}

// placed finds the bins of some points; those outside go behind the last.
WIDE static void placed(int32_t *restrict at, const int32_t *restrict xs, const int32_t *restrict ys, int n, int32_t slope, int32_t zero, int32_t so_many) {
	for (int i = 0; i < n; i++) {
		int32_t v = zero + ys[i] * 4 + (xs[i] * slope >> 14);
		at[i] = (uint32_t)v < (uint32_t)so_many ? v : so_many;
	}
}

// So do points, which fall into the bin of their neighbour most of the time.
void sohoa_project(int32_t *restrict bins, int so_many, int32_t *restrict odd, const int32_t *xs, const int32_t *ys, const int32_t *ink, int n, int32_t slope, int32_t zero) {
	enum { SOME = 512 };
	int32_t at[SOME];
	for (int from = 0; from < n; from += SOME) {
		int m = n - from < SOME ? n - from : SOME, i = 0;
		const int32_t *some = ink + from;
		placed(at, xs + from, ys + from, m, slope, zero, so_many);
		for (; i + 1 < m; i += 2) {
			bins[at[i]] += some[i];
			odd[at[i + 1]] += some[i + 1];
		}
		if (i < m) bins[at[i]] += some[i];
	}
	for (int i = 0; i < so_many; i++) bins[i] += odd[i];
}

// white tells of eight pixels whether all are lighter than 225.
static inline int white(const uint8_t *row) {
	uint64_t v;
	memcpy(&v, row, sizeof v);
	v = ~v; // up to 29; with 98 more, up to 127
	return !(((v + 0x6262626262626262) | v) & 0x8080808080808080);
}

static inline int near(int v) { return v < 25 && v > -25; }

void sohoa_strokes(const uint8_t *row, int n, int32_t *strokes, int32_t *all, int32_t *ghosts) {
	for (int x = 2; x + 2 < n; x++) {
		if (x + 8 <= n && white(row + x)) {
			x += 7;
			continue;
		}
		int v = row[x];
		if (v > 225) continue;
		all[v]++;
		int left = row[x - 2] - v, right = row[x + 2] - v;
		if ((left >= 90 || right >= 90) && v <= row[x - 1] && v <= row[x + 1]) strokes[v]++;
		*ghosts += v >= 120 && near(left) && near(right);
	}
}

void sohoa_inks(const uint8_t *row, int n, int side, int32_t *tiles, int least, int pale, int32_t *strokes, int32_t *pales) {
	for (int x = 3; x + 3 < n; x++) {
		if (x + 8 <= n && white(row + x)) {
			x += 7;
			continue;
		}
		int v = row[x];
		if (v > 225 || v > row[x - 1] || v > row[x + 1] || row[x - 3] - v < least || row[x + 3] - v < least) continue;
		tiles[x / side * 16 + (v >> 4)]++;
		++*strokes;
		*pales += v > pale;
	}
}

// of writes means of k sums; k is known where it is called.
static inline void of(uint8_t *restrict to, int n, const uint16_t *restrict sums, int k, uint32_t scale) {
	for (int x = 0; x < n; x++) {
		uint32_t s = 0;
		for (int i = 0; i < k; i++) s += sums[k * x + i];
		to[x] = (s * scale + (1 << 23)) >> 24; // under 2^32: scale is at most 2^24 / k^2 + 1
	}
}

void sohoa_means(uint8_t *to, int n, const uint16_t *sums, int k, uint32_t scale) {
	switch (k) {
	case 3: of(to, n, sums, 3, scale); break;
	case 4: of(to, n, sums, 4, scale); break;
	default: of(to, n, sums, k, scale);
	}
}

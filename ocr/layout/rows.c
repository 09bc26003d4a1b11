#include "rows.h"

#include <string.h>

// Machines of the last ten years take 32 bytes at once; the others run what they can.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { WORD = 64 };

static int wordsOf(int w) { return (w + WORD - 1) / WORD; }

#ifdef __SSE2__
#include <emmintrin.h>

static inline uint64_t sixteen(const uint8_t *p, __m128i limit) {
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	return (uint16_t)~_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(v, limit), v));
}

static inline uint64_t darkOf(const uint8_t *p, int limit) {
	__m128i l = _mm_set1_epi8((char)limit);
	return sixteen(p, l) | sixteen(p + 16, l) << 16 | sixteen(p + 32, l) << 32 | sixteen(p + 48, l) << 48;
}
#else
static inline uint64_t darkOf(const uint8_t *p, int limit) {
	uint64_t v = 0;
	for (int i = 0; i < WORD; i++) v |= (uint64_t)(p[i] < limit) << i;
	return v;
}
#endif

static void pack(uint64_t *to, const uint8_t *row, int w, int limit) {
	for (; w >= WORD; w -= WORD, row += WORD) *to++ = darkOf(row, limit);
	if (w > 0) {
		uint8_t last[WORD];
		memset(last, 0xff, WORD);
		memcpy(last, row, w);
		*to = darkOf(last, limit);
	}
}

void sohoa_packed_copy(uint8_t *copy, uint64_t *bits, const uint8_t *pix, long stride, int w, int h, int limit) {
	for (int y = 0; y < h; y++, pix += stride, copy += w, bits += wordsOf(w)) {
		memcpy(copy, pix, w);
		pack(bits, copy, w, limit);
	}
}

WIDE static long ones(const uint64_t *bits, long n) {
	long sum = 0;
	for (long i = 0; i < n; i++) sum += __builtin_popcountll(bits[i]);
	return sum;
}

void sohoa_packed_inks(uint64_t *dark, uint64_t *faint, int64_t *counts, const uint8_t *pix, long stride, int w, int h, int full, int pale) {
	int words = wordsOf(w);
	for (int y = 0; y < h; y++, pix += stride) {
		pack(dark + (long)y * words, pix, w, full);
		pack(faint + (long)y * words, pix, w, pale);
	}
	counts[0] = ones(dark, (long)words * h);
	counts[1] = ones(faint, (long)words * h) - counts[0];
}

// begins tells of each pixel of a word whether it is dark and the one before it is not.
static inline uint64_t begins(const uint64_t *bits, int i) { return bits[i] & ~(bits[i] << 1 | (i > 0 ? bits[i - 1] >> 63 : 0)); }

WIDE long sohoa_count_runs(const uint64_t *bits, int words, int h) {
	long n = 0;
	for (int y = 0; y < h; y++, bits += words)
		for (int i = 0; i < words; i++) n += __builtin_popcountll(begins(bits, i));
	return n;
}

int sohoa_stretches(int32_t *places, const uint64_t *bits, int w) {
	int n = 0;
	uint64_t before = 0;
	for (int x = 0; x < w; x += WORD, bits++) {
		for (uint64_t left = *bits ^ (*bits << 1 | before); left; left &= left - 1) places[n++] = x + __builtin_ctzll(left);
		before = *bits >> 63;
	}
	if (n & 1) places[n++] = w; // the last pixel of the last word
	return n;
}

// blocks tells which blocks of so many pixels are dark in a word, gaps of two pixels filled.
static inline uint64_t blocks(uint64_t word, uint64_t before, int block) {
	word |= word << 1 | before >> 63 | word << 2 | before >> 62;
	for (int s = 1; s < block; s *= 2) word &= word >> s;
	return word & ~0ull / (~0ull >> (WORD - block)); // where they begin
}

static inline int some(const uint64_t *bits, int words, int block) {
	uint64_t any = blocks(bits[0], 0, block);
	for (int i = 1; i < words; i++) any |= blocks(bits[i], bits[i - 1], block);
	return any != 0;
}

// filled tells whether there is such a block in a row.
WIDE static int filled(const uint64_t *bits, int words, int block) {
	return block == 32 ? some(bits, words, 32) : block == 16 ? some(bits, words, 16) : some(bits, words, 8);
}

// stack leaves of each column whether it is dark in all rows so far, gaps of two filled.
WIDE static void stack(uint64_t *restrict all, const uint64_t *restrict row, const uint64_t *restrict above, const uint64_t *restrict higher, int words) {
	for (int i = 0; i < words; i++) all[i] &= row[i] | above[i] | higher[i];
}

void sohoa_long(uint8_t *rows, uint64_t *columns, uint64_t *all, const uint64_t *bits, int words, int h, int block) {
	memset(columns, 0, sizeof *columns * words);
	for (int y = 0; y < h; y++, bits += words) {
		rows[y] = filled(bits, words, block);
		if (y % block == 0) memset(all, 0xff, sizeof *all * words);
		const uint64_t *above = y > 0 ? bits - words : bits, *higher = y > 1 ? bits - 2 * words : bits;
		stack(all, bits, above, higher, words);
		if (y % block == block - 1)
			for (int i = 0; i < words; i++) columns[i] |= all[i];
	}
}

static int32_t root(int32_t *parent, int32_t i) {
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

// touch joins the runs of a row with those above it that they touch.
static void touch(int32_t *parent, const sohoa_run *runs, long above, long begin, long end) {
	for (long i = begin, k = above; i < end; i++) {
		while (k < begin && runs[k].x1 < runs[i].x0) k++;
		for (long j = k; j < begin && runs[j].x0 <= runs[i].x1; j++) {
			int32_t a = root(parent, j), b = root(parent, i);
			if (a < b) parent[b] = a;
			else parent[a] = b;
		}
	}
}

void sohoa_runs(sohoa_run *runs, int32_t *parent, int32_t *places, const uint64_t *bits, int w, int h) {
	long above = 0, begin = 0, end = 0;
	for (int y = 0; y < h; y++, bits += wordsOf(w), above = begin, begin = end) {
		int n = sohoa_stretches(places, bits, w);
		for (int i = 0; i < n; i += 2, end++) {
			runs[end] = (sohoa_run){y, places[i], places[i + 1]};
			parent[end] = end;
		}
		touch(parent, runs, above, begin, end);
	}
}

// The run that others of its stain lead to is the first of them.
int32_t sohoa_number_stains(int32_t *number, int32_t n) {
	int32_t stains = 0;
	for (int32_t i = 0; i < n; i++) number[i] = number[i] == i ? stains++ : number[number[i]];
	return stains;
}

void sohoa_stains(sohoa_stain *stains, int32_t m, sohoa_run *kept, const sohoa_run *runs, const int32_t *number, int32_t n) {
	memset(stains, 0, sizeof *stains * m);
	for (int32_t i = 0; i < n; i++) stains[number[i]].runs++;
	for (int32_t i = 1; i < m; i++) stains[i].first = stains[i - 1].first + stains[i - 1].runs;
	for (int32_t i = 0; i < m; i++) stains[i].runs = 0;
	for (int32_t i = 0; i < n; i++) {
		sohoa_run r = runs[i];
		sohoa_stain *s = &stains[number[i]];
		if (s->runs == 0) s->x0 = r.x0, s->x1 = r.x1, s->y0 = r.y;
		if (r.x0 < s->x0) s->x0 = r.x0;
		if (r.x1 > s->x1) s->x1 = r.x1;
		s->y1 = r.y + 1;
		s->area += r.x1 - r.x0;
		kept[s->first + s->runs++] = r;
	}
}

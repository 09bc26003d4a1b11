#include "rows.h"

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

// A grey that is counted again at once would wait for itself.
void sohoa_greys(int64_t *counts, const uint8_t *pix, long stride, int w, int h) {
	uint32_t in_turn[4][256] = {{0}};
	for (int y = 0; y < h; y++, pix += stride) {
		int x = 0;
		for (; x + 4 <= w; x += 4)
			for (int i = 0; i < 4; i++) in_turn[i][pix[x + i]]++;
		for (; x < w; x++) in_turn[0][pix[x]]++;
	}
	for (int v = 0; v < 256; v++)
		for (int i = 0; i < 4; i++) counts[v] += in_turn[i][v];
}

// inked adds to columns, which have no more than 255, and returns the sum.
WIDE static int inked(uint8_t *restrict columns, const uint8_t *restrict row, int n, uint8_t dark) {
	uint16_t sum = 0;
	for (int x = 0; x < n; x++) {
		columns[x] += row[x] <= dark;
		sum += row[x] <= dark;
	}
	return sum;
}

WIDE static void add(int32_t *restrict to, const uint8_t *restrict from, int n) {
	for (int x = 0; x < n; x++) to[x] += from[x];
}

void sohoa_ink(int32_t *columns, int32_t *rows, const uint8_t *pix, long stride, int w, int h, int dark) {
	enum { SOME = 1024, MOST = 255 };
	for (int y = 0; y < h; y++) rows[y] = 0;
	for (int top = 0; top < h; top += MOST)
		for (int x = 0; x < w; x += SOME) {
			uint8_t counts[SOME] = {0};
			int n = w - x < SOME ? w - x : SOME, end = top + MOST < h ? top + MOST : h;
			for (int y = top; y < end; y++) rows[y] += inked(counts, pix + y * stride + x, n, dark);
			add(columns + x, counts, n);
		}
}

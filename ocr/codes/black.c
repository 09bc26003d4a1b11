#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") // many pixels at once; the sums of flows.c it would make slower
#endif

#include "shim.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// What ZXing 1.4 does pixel by pixel before it looks for anything (HybridBinarizer and
// LumImagePyramid in its core/src), done in rows, many pixels at once: black and white are
// the same, bit by bit, and so is what is then found (TestBlackIsTheLibrarys).

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

enum { SIDE = 8, LEAST_RANGE = 24 };

// columns leaves the sum, the least and the most of eight rows in each column.
WIDE static void columns(uint16_t *restrict sum, uint8_t *restrict least, uint8_t *restrict most, const uint8_t *restrict rows, long stride, int w) {
	for (int x = 0; x < w; x++) {
		uint16_t all = rows[x];
		uint8_t lo = rows[x], hi = rows[x];
		for (int y = 1; y < SIDE; y++) {
			uint8_t v = rows[y * stride + x];
			all += v;
			lo = v < lo ? v : lo;
			hi = v > hi ? v : hi;
		}
		sum[x] = all;
		least[x] = lo;
		most[x] = hi;
	}
}

#if defined(__GNUC__) && !defined(__clang__)
#define AHEAD _Pragma("GCC ivdep") // what is written lies before all that is still to be read
#else
#define AHEAD
#endif

// pairs makes one of every two columns, n of them.
WIDE static void pairs(uint16_t *sum, uint8_t *least, uint8_t *most, int n) {
	AHEAD for (int x = 0; x < n; x++) {
		uint16_t a = sum[2 * x], b = sum[2 * x + 1];
		sum[x] = a + b;
	}
	AHEAD for (int x = 0; x < n; x++) {
		uint8_t a = least[2 * x], b = least[2 * x + 1];
		least[x] = a < b ? a : b;
	}
	AHEAD for (int x = 0; x < n; x++) {
		uint8_t a = most[2 * x], b = most[2 * x + 1];
		most[x] = a > b ? a : b;
	}
}

// points finds the grey of each block of eight by eight pixels that is between its black
// and its white.
static void points(int *at, int across, int down, const uint8_t *grey, int w, int h, int stride, uint16_t *sum, uint8_t *least, uint8_t *most) {
	int wide = across * SIDE; // the last block is moved behind those before it, where it lies over one
	for (int y = 0; y < down; y++) {
		int top = y * SIDE < h - SIDE ? y * SIDE : h - SIDE;
		int *row = at + (long)y * across, *before = row - across;
		columns(sum, least, most, grey + (long)top * stride, stride, w);
		memmove(sum + wide - SIDE, sum + w - SIDE, SIDE * sizeof *sum);
		memmove(least + wide - SIDE, least + w - SIDE, SIDE);
		memmove(most + wide - SIDE, most + w - SIDE, SIDE);
		for (int n = wide / 2; n >= across; n /= 2) pairs(sum, least, most, n);
		for (int x = 0; x < across; x++) {
			int point = sum[x] / (SIDE * SIDE), lo = least[x];
			if (most[x] - lo <= LEAST_RANGE) { // all paper, or all ink: as the neighbours say
				point = lo / 2;
				if (y > 0 && x > 0) {
					int beside = (before[x] + 2 * row[x - 1] + before[x - 1]) / 4;
					if (lo < beside) point = beside;
				}
			}
			row[x] = point;
		}
	}
}

WIDE static void cut(uint8_t *restrict to, const uint8_t *restrict grey, const uint8_t *restrict level, int w) {
	for (int x = 0; x < w; x++) to[x] = grey[x] > level[x];
}

static int within(int v, int lo, int hi) { return v < lo ? lo : v > hi ? hi : v; }

// levels makes of the points of all blocks the level of each: the mean of the five by five
// points around it.
static void levels(uint8_t *level, int *five, const int *at, int across, int down) {
	for (int y = 0; y < down; y++) {
		int top = within(y, 2, down - 3);
		for (int x = 0; x < across; x++) {
			five[x] = 0;
			for (int i = top - 2; i <= top + 2; i++) five[x] += at[(long)i * across + x];
		}
		for (int x = 0; x < across; x++) {
			int mid = within(x, 2, across - 3), sum = 0;
			for (int i = mid - 2; i <= mid + 2; i++) sum += five[i];
			*level++ = sum / 25;
		}
	}
}

unsigned char *sohoa_levels(const unsigned char *grey, int w, int h, int stride) {
	int across = (w + SIDE - 1) / SIDE, down = (h + SIDE - 1) / SIDE;
	if (w < 5 * SIDE || h < 5 * SIDE) return 0;
	int *at = malloc(sizeof(int) * ((long)across * down + across));
	long wide = (long)across * SIDE;
	uint16_t *sum = malloc((sizeof(uint16_t) + 2) * wide);
	uint8_t *level = malloc((long)across * down);
	if (at && sum && level) {
		uint8_t *least = (uint8_t *)(sum + wide), *most = least + wide;
		points(at, across, down, grey, w, h, stride, sum, least, most);
		levels(level, at + (long)across * down, at, across, down);
	} else {
		free(level);
		level = 0;
	}
	free(at);
	free(sum);
	return level;
}

// Blocks at the right and lower edge lie over those before them, and hide these.
void sohoa_row_of_levels(unsigned char *to, const unsigned char *level, int y, int w, int h) {
	int across = (w + SIDE - 1) / SIDE;
	level += (long)(y < h - SIDE ? y / SIDE : (h - 1) / SIDE) * across;
	for (int x = 0; x < across; x++) memset(to + (x * SIDE < w - SIDE ? x * SIDE : w - SIDE), level[x], SIDE);
}

int sohoa_black(unsigned char *to, const unsigned char *level, const unsigned char *grey, int w, int h, int stride) {
	uint8_t *row = malloc(w);
	if (!row) return 0;
	for (int y = 0; y < h; y++) {
		if (y % SIDE == 0 || y == h - SIDE) sohoa_row_of_levels(row, level, y, w, h);
		cut(to + (long)y * w, grey + (long)y * stride, row, w);
	}
	free(row);
	return 1;
}

// ninth leaves the mean of the three by three pixels that begin at each column.
WIDE static void ninth(uint8_t *restrict to, uint16_t *restrict sum, const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict c, int w) {
	for (int x = 0; x < w; x++) sum[x] = a[x] + b[x] + c[x];
	for (int x = 0; x < w - 2; x++) {
		uint16_t all = sum[x] + sum[x + 1] + sum[x + 2] + 4;
		to[x] = all / 9;
	}
}

int sohoa_third(unsigned char *to, const unsigned char *grey, int w, int h, int stride) {
	uint16_t *sum = malloc((sizeof(uint16_t) + 1) * (long)w);
	if (!sum) return 0;
	uint8_t *mean = (uint8_t *)(sum + w);
	for (int y = 0; y < h / 3; y++, grey += 3L * stride) {
		ninth(mean, sum, grey, grey + stride, grey + 2L * stride, w);
		for (int x = 0; x < w / 3; x++) *to++ = mean[3 * x];
	}
	free(sum);
	return 1;
}

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
WIDE static void columns(uint16_t *restrict sum, uint8_t *restrict least, uint8_t *restrict most, const uint8_t *restrict rows, int stride, int w) {
	for (int x = 0; x < w; x++) sum[x] = least[x] = most[x] = rows[x];
	for (int y = 1; y < SIDE; y++) {
		rows += stride;
		for (int x = 0; x < w; x++) {
			uint8_t v = rows[x];
			sum[x] += v;
			least[x] = v < least[x] ? v : least[x];
			most[x] = v > most[x] ? v : most[x];
		}
	}
}

// points finds the grey of each block of eight by eight pixels that is between its black
// and its white.
static void points(int *at, int across, int down, const uint8_t *grey, int w, int h, int stride, uint16_t *sum, uint8_t *least, uint8_t *most) {
	for (int y = 0; y < down; y++) {
		int top = y * SIDE < h - SIDE ? y * SIDE : h - SIDE;
		int *row = at + (long)y * across, *before = row - across;
		columns(sum, least, most, grey + (long)top * stride, stride, w);
		for (int x = 0; x < across; x++) {
			int left = x * SIDE < w - SIDE ? x * SIDE : w - SIDE;
			int all = 0, lo = 255, hi = 0;
			for (int i = left; i < left + SIDE; i++) {
				all += sum[i];
				lo = least[i] < lo ? least[i] : lo;
				hi = most[i] > hi ? most[i] : hi;
			}
			int point = all / (SIDE * SIDE);
			if (hi - lo <= LEAST_RANGE) { // all paper, or all ink: as the neighbours say
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
	uint16_t *sum = malloc(sizeof(uint16_t) * w + 2 * (long)w);
	uint8_t *level = malloc((long)across * down);
	if (at && sum && level) {
		uint8_t *least = (uint8_t *)(sum + w), *most = least + w;
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

WIDE static void three(uint16_t *restrict sum, const uint8_t *restrict a, const uint8_t *restrict b, const uint8_t *restrict c, int w) {
	for (int x = 0; x < w; x++) sum[x] = a[x] + b[x] + c[x];
}

int sohoa_third(unsigned char *to, const unsigned char *grey, int w, int h, int stride) {
	uint16_t *sum = malloc(sizeof(uint16_t) * w);
	if (!sum) return 0;
	for (int y = 0; y < h / 3; y++, grey += 3L * stride) {
		three(sum, grey, grey + stride, grey + 2L * stride, w);
		for (int x = 0; x < w / 3; x++) *to++ = (sum[3 * x] + sum[3 * x + 1] + sum[3 * x + 2] + 4) / 9;
	}
	free(sum);
	return 1;
}

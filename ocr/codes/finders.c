#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") // many pixels at once
#endif

#include "shim.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A QR code has three finder patterns: black, white, black three times as wide, white, black,
// whichever way they are crossed (ISO/IEC 18004, 6.3.3). ZXing 1.4 looks for them in every
// third row, and asks of each place whether it is so down, across and along both diagonals
// (FindFinderPatterns in qrcode/QRDetector.cpp, LocateConcentricPattern in
// ConcentricFinder.h of its core/src); of what is left it asks more. Here stands what it asks
// up to there, in whole numbers, where it has fractions, and never asking more than it does:
// where fewer than three places are left, it finds nothing (TestLookMissesNothing). It makes
// one pattern of places that are close together; here each counts.

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

// ends tells of each pixel whether it is black and the one before it is not, or the other way
// round. White comes before a row.
WIDE static void ends(uint8_t *restrict flags, const uint8_t *restrict grey, const uint8_t *restrict level, int w) {
	flags[0] = grey[0] <= level[0];
	for (int x = 1; x < w; x++) flags[x] = (grey[x] <= level[x]) ^ (grey[x - 1] <= level[x - 1]);
}

static inline uint64_t eight(const uint8_t *b) {
	uint64_t v;
	memcpy(&v, b, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

// edges writes where black begins and ends, in turn, and returns how many places these are:
// w + 1 at most. Behind the flags are eight bytes of nothing.
static int edges(int *places, const uint8_t *flags, int w) {
	int n = 0;
	for (int x = 0; x < w; x += 8)
		for (uint64_t left = eight(flags + x); left; left &= left - 1) places[n++] = x + __builtin_ctzll(left) / 8;
	if (n & 1) places[n++] = w;
	return n;
}

enum { CLOSE = 2, RELAXED = 3 };

// crossed tells whether five widths are as 1:1:3:1:1. Of a seventh of their sum, each may be
// off by a half and half a pixel (CLOSE), or by three quarters and half a pixel.
static int crossed(const int *v, int how) {
	int sum = v[0] + v[1] + v[2] + v[3] + v[4];
	if (sum < 7) return 0;
	for (int i = 0; i < 5; i++)
		if (abs(28 * v[i] - (i == 2 ? 12 : 4) * sum) > how * sum + 14) return 0;
	return 1;
}

typedef struct {
	const unsigned char *grey, *level;
	int w, h, stride;
} page;

enum { SIDE = 8, OUTSIDE = -1 };

static int block(int at, int size) { return (at < size - SIDE ? at : size - 1) / SIDE; }

// black returns 1 for a black pixel, 0 for a white one.
static int black(const page *p, int x, int y) {
	if (x < 0 || y < 0 || x >= p->w || y >= p->h) return OUTSIDE;
	int across = (p->w + SIDE - 1) / SIDE;
	return p->grey[(long)y * p->stride + x] <= p->level[(long)block(y, p->h) * across + block(x, p->w)];
}

typedef struct {
	int x, y, dx, dy;
} walker;

// walk goes on until so many times another colour came, the edge of the page being one, at
// most so many steps, and returns how many steps it took; 0 if that was not to be had.
static int walk(walker *a, const page *p, int edges, int most) {
	int steps = 0, colour = black(p, a->x, a->y);
	while (edges && steps < most && colour != OUTSIDE) {
		steps++;
		int next = black(p, a->x + steps * a->dx, a->y + steps * a->dy);
		if (next != colour) colour = next, edges--;
	}
	a->x += steps * a->dx;
	a->y += steps * a->dy;
	return edges ? 0 : steps;
}

// A place lies at eighths of pixels.
typedef struct {
	int x, y;
} place;

enum { PART = 8 };

// along returns how wide a pattern is that is crossed at c this way, 0 if there is none. If
// wanted, c moves to its middle.
static int along(const page *p, place *c, int dx, int dy, int most, int how, int middle) {
	walker a = {c->x / PART, c->y / PART, dx, dy};
	int in_x = c->x % PART, in_y = c->y % PART, v[5];
	if (!walk(&a, p, 3, most)) return 0;
	a.dx = -dx, a.dy = -dy;
	a.x -= dx, a.y -= dy;
	for (int i = 0; i < 5; i++) v[i] = walk(&a, p, 1, most);
	if (!v[4] || !crossed(v, how)) return 0;
	if (middle) { // a step back over half of the means of one, three and five widths
		int back = PART / 2 + 7 * v[4] + 6 * v[3] + 4 * v[2] + 2 * v[1] + v[0];
		c->x = PART * a.x + in_x + back * dx;
		c->y = PART * a.y + in_y + back * dy;
	}
	return v[0] + v[1] + v[2] + v[3] + v[4];
}

// concentric tells whether a pattern is crossed at c down, across and both ways askew, five
// times as far one way as another at most. most is how far it goes.
static int concentric(const page *p, place c, int most) {
	static const struct {
		int x, y, how, middle;
	} ways[] = {{0, 1, CLOSE, 1}, {1, 0, CLOSE, 1}, {1, 1, RELAXED, 0}, {1, -1, RELAXED, 0}};
	int least = p->w, greatest = 0;
	for (int i = 0; i < 4; i++) {
		int wide = along(p, &c, ways[i].x, ways[i].y, most, ways[i].how, ways[i].middle);
		if (!wide) return 0;
		if (wide < least) least = wide;
		if (wide > greatest) greatest = wide;
	}
	return greatest <= 5 * least;
}

// in_row counts the places of a row at which there may be a pattern.
static int in_row(const page *p, int y, const int *edge, int n) {
	int found = 0;
	for (int i = 0; i + 5 < n; i += 2) {
		const int *e = edge + i;
		int v[5] = {e[1] - e[0], e[2] - e[1], e[3] - e[2], e[4] - e[3], e[5] - e[4]}, sum = e[5] - e[0];
		if (!crossed(v, CLOSE)) continue;
		if (i > 0 && 14 * (e[0] - e[-1]) < sum - 14) continue; // no white before it
		place middle = {PART * e[2] + PART / 2 * v[2], PART * y + PART / 2};
		found += concentric(p, middle, sum * 3 / 2);
	}
	return found;
}

int sohoa_finders(const unsigned char *level, const unsigned char *grey, int w, int h, int stride) {
	enum { WANTED = 3, ROWS = 3, FARTHEST = 1 << 15 }; // the library counts pixels in 16 bits
	if (w >= FARTHEST || h >= FARTHEST) return WANTED;
	page p = {grey, level, w, h, stride};
	uint8_t *row = malloc(2 * (long)w + 8);
	int *edge = malloc(sizeof(int) * (w + 2L));
	int found = 0, of = -1;
	if (row && edge) {
		uint8_t *flags = row + w;
		memset(flags + w, 0, 8);
		for (int y = ROWS - 1; y < h && found < WANTED; y += ROWS) {
			if (of != block(y, h)) sohoa_row_of_levels(row, level, y, w, h), of = block(y, h);
			ends(flags, grey + (long)y * stride, row, w);
			found += in_row(&p, y, edge, edges(edge, flags, w));
		}
	} else
		found = WANTED;
	free(row);
	free(edge);
	return found >= WANTED;
}

#include "shim.h"

enum { TILE = 16 };

// add sums the structure tensor over n pixels of a row.
static inline void add(const unsigned char *above, const unsigned char *row, const unsigned char *below, int n, double *f) {
	int xx = 0, yy = 0, xy = 0;
	for (int i = 0; i < n; i++) {
		short dx = (short)(row[i + 1] - row[i - 1]), dy = (short)(below[i] - above[i]);
		xx += dx * dx;
		yy += dy * dy;
		xy += dx * dy;
	}
	f[0] += xx;
	f[1] += yy;
	f[2] += xy;
}

void sohoa_flows(const unsigned char *pixels, int width, int height, int stride, double *all) {
	int w = width / TILE, h = height / TILE;
	for (int y = 1; y < h * TILE - 1; y += 2) {
		const unsigned char *row = pixels + (long)y * stride, *above = row - stride, *below = row + stride;
		double *f = all + (long)(y / TILE) * w * 3;
		for (int t = 0; t < w; t++, f += 3) {
			int from = t * TILE, to = from + TILE;
			if (from > 0 && to < width)
				add(above + from, row + from, below + from, TILE, f);
			else {
				from = from > 0 ? from : 1;
				to = to < width ? to : width - 1;
				add(above + from, row + from, below + from, to - from, f);
			}
		}
	}
}

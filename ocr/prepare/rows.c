#include "rows.h"

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

WIDE void sohoa_stretch(uint8_t *restrict to, int n, const uint8_t *restrict top, const uint8_t *restrict low, uint32_t x, uint32_t step, int32_t fy, int32_t df) {
	for (int i = 0; i < n; i++) {
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

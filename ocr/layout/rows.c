#include "rows.h"

#include <string.h>

// Machines of the last ten years take 32 bytes at once; the others run what they can.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

WIDE static int darker(const uint8_t *row, int n, uint8_t limit) {
	uint16_t sum = 0; // of less than 65536
	for (int x = 0; x < n; x++) sum += row[x] < limit;
	return sum;
}

void sohoa_darker(int64_t *counts, const uint8_t *pix, long stride, int w, int h, int dark, int faint) {
	enum { SOME = 4096 };
	for (int y = 0; y < h; y++, pix += stride)
		for (int x = 0; x < w; x += SOME) {
			int n = w - x < SOME ? w - x : SOME, full = darker(pix + x, n, dark);
			counts[0] += full;
			counts[1] += darker(pix + x, n, faint) - full;
		}
}

// ends tells of each pixel whether it is dark and the one before is not, or the other way round.
WIDE static void ends(uint8_t *restrict flags, const uint8_t *restrict row, int n, uint8_t limit) {
	for (int x = 0; x < n; x++) flags[x] = (row[x] < limit) ^ (row[x - 1] < limit);
}

static inline uint64_t eight(const uint8_t *b) {
	uint64_t v;
	memcpy(&v, b, sizeof v);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	v = __builtin_bswap64(v);
#endif
	return v;
}

int sohoa_stretches(int32_t *places, const uint8_t *row, int w, int limit) {
	enum { SOME = 1024 };
	uint8_t flags[SOME + 8];
	int n = 0;
	if (w > 0 && row[0] < limit) places[n++] = 0;
	for (int from = 1; from < w; from += SOME) {
		int m = w - from < SOME ? w - from : SOME;
		ends(flags, row + from, m, limit);
		memset(flags + m, 0, 8);
		for (int x = 0; x < m; x += 8)
			for (uint64_t left = eight(flags + x); left; left &= left - 1) places[n++] = from + x + __builtin_ctzll(left) / 8;
	}
	if (n & 1) places[n++] = w;
	return n;
}

int sohoa_upright(int32_t *old, int32_t *columns, const int32_t *places, int n, int y, int breach, int least) {
	int long_enough = 0;
	for (; n > 1; n -= 2, places += 2)
		for (int x = places[0]; x < places[1]; x++) {
			int32_t *from = columns + 2 * x, *to = from + 1;
			if (*to > 0 && y - *to <= breach) {
				*to = y + 1;
				continue;
			}
			if (*to - *from >= least) {
				*old++ = x, *old++ = *from, *old++ = *to;
				long_enough++;
			}
			*from = y, *to = y + 1;
		}
	return long_enough;
}

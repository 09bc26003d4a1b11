#include "rows.h"

#include <string.h>

// Machines of the last ten years take 32 bytes at once; the others run what they can.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

static inline uint8_t clamped(int v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

// reddish adds up in each column how many of at most 255 rows are above least.
WIDE static void reddish(uint8_t *restrict counts, const uint8_t *restrict rows, long stride, int n, int h, uint8_t least) {
	for (int x = 0; x < n; x++) counts[x] = rows[x] > least;
	for (int y = 1; y < h; y++) {
		rows += stride;
		for (int x = 0; x < n; x++) counts[x] += rows[x] > least;
	}
}

void sohoa_reds(int32_t *cells, const uint8_t *cr, long stride, int n, int h, int side, int across, int least, int weight) {
	enum { SOME = 1024, MOST = 255 };
	uint8_t counts[SOME];
	for (; h > 0; h -= MOST, cr += MOST * stride)
		for (int from = 0; from < n; from += SOME) {
			int m = n - from < SOME ? n - from : SOME;
			reddish(counts, cr + from, stride, m, h < MOST ? h : MOST, least);
			for (int x = 0, cell = from * across / side; x < m; cell++) {
				int end = ((cell + 1) * side + across - 1) / across - from, sum = 0; // the first sample of the next cell
				if (end > m) end = m;
				for (; x < end; x++) sum += counts[x];
				cells[cell] += weight * sum;
			}
		}
}

WIDE void sohoa_sums(uint16_t *restrict sums, const uint8_t *restrict rows, int stride, int n, int h) {
	for (int y = 0; y < h; y++, rows += stride)
		for (int x = 0; x < n; x++) sums[x] += rows[x];
}

// What sixteen steps add up to: parts of pixels, whole ones, and how far down.
typedef struct {
	uint16_t part[16], whole[16], fall[16];
} ramps;

static ramps rampsOf(uint32_t step, int32_t df) {
	ramps r;
	for (uint32_t i = 0; i < 16; i++) {
		r.part[i] = i * step;
		r.whole[i] = i * step >> 16;
		r.fall[i] = i * (uint32_t)df;
	}
	return r;
}

#ifdef __x86_64__
#include <immintrin.h>

// Of sixteen samples between two rows, how far they are from the first pixels of both
// halves and from their left and upper neighbours, in 16 bits each.
typedef struct {
	__m256i left, right; // which bytes of a half's sixteen
	__m256i fx, fy;      // 256ths
} places;

__attribute__((target("avx2"))) static inline __m256i two(const uint8_t *a, const uint8_t *b) {
	return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)a)), _mm_loadu_si128((const __m128i *)b), 1);
}

// along samples a row, times 256.
__attribute__((target("avx2"))) static inline __m256i along(__m256i pixels, places p) {
	__m256i l = _mm256_shuffle_epi8(pixels, p.left), r = _mm256_shuffle_epi8(pixels, p.right);
	return _mm256_add_epi16(_mm256_slli_epi16(l, 8), _mm256_mullo_epi16(_mm256_sub_epi16(r, l), p.fx));
}

// down samples between two rows that were sampled along: a * (256 - fy) + b * fy, rounded.
// Half of the range is taken off, since what is multiplied has a sign.
__attribute__((target("avx2"))) static inline __m128i down(__m256i a, __m256i b, __m256i fy) {
	const __m256i half = _mm256_set1_epi16(-32768), back = _mm256_set1_epi32(32768 * 256 + 32768);
	__m256i up = _mm256_sub_epi16(_mm256_set1_epi16(256), fy);
	a = _mm256_xor_si256(a, half), b = _mm256_xor_si256(b, half);
	__m256i lo = _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), _mm256_unpacklo_epi16(up, fy));
	__m256i hi = _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), _mm256_unpackhi_epi16(up, fy));
	lo = _mm256_srli_epi32(_mm256_add_epi32(lo, back), 16), hi = _mm256_srli_epi32(_mm256_add_epi32(hi, back), 16);
	__m256i words = _mm256_packus_epi32(lo, hi);
	return _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

// sixteens does as many sixteens of samples as can be had without reading behind w, and
// returns how many samples these are. A step is two pixels at most, so that eight
// neighbours lie in 16 bytes. The last of n may be less than sixteen: then others are
// written behind it, if there is room for so many.
__attribute__((target("avx2"))) static int sixteens(uint8_t *to, int n, int room, const uint8_t *top, const uint8_t *low, int w, uint32_t x, uint32_t step, int32_t fy, int32_t df, const ramps *r) {
	const __m256i part = _mm256_loadu_si256((const __m256i *)r->part), fall = _mm256_loadu_si256((const __m256i *)r->fall);
	const __m256i whole = _mm256_add_epi16(_mm256_loadu_si256((const __m256i *)r->whole), _mm256_set1_epi16((short)0x8001)); // a high byte of 0x80 is a byte of nothing
	const __m256i one = _mm256_set1_epi16(1), none = _mm256_setzero_si256();
	int i = 0;
	for (; i < n && i + 16 <= room; i += 16, x += 16 * step, fy += 16 * df) {
		int at = x >> 16, second = (x + 8 * step) >> 16;
		_mm_prefetch((const char *)(low + 2 * (low - top) + at), _MM_HINT_T0);
		if (second + 16 > w) break;
		__m256i xs = _mm256_add_epi16(_mm256_set1_epi16(x), part);
		__m256i stayed = _mm256_cmpeq_epi16(_mm256_subs_epu16(part, xs), none); // -1 where the sum is no pixel more
		places p;
		p.left = _mm256_sub_epi16(_mm256_add_epi16(whole, stayed), _mm256_inserti128_si256(none, _mm_set1_epi16(second - at), 1));
		p.right = _mm256_add_epi16(p.left, one);
		p.fx = _mm256_srli_epi16(xs, 8);
		p.fy = _mm256_srli_epi16(_mm256_add_epi16(_mm256_set1_epi16(fy), fall), 8);
		_mm_storeu_si128((__m128i *)(to + i), down(along(two(top + at, top + second), p), along(two(low + at, low + second), p), p.fy));
	}
	return i < n ? i : n;
}
#endif

WIDE static void red_row(uint8_t *restrict red, const uint8_t *restrict luma, const uint8_t *restrict cr, int n) {
	for (int i = 0; i < n / 2; i++) {
		int d = (91881 * (cr[i] - 128) + 32768) >> 16;
		red[2 * i] = clamped(luma[2 * i] + d);
		red[2 * i + 1] = clamped(luma[2 * i + 1] + d);
	}
	if (n & 1) red[n - 1] = clamped(luma[n - 1] + ((91881 * (cr[n / 2] - 128) + 32768) >> 16));
}

#ifdef __x86_64__
// reds does as red_row with as many 32 pixels as there are in n, and returns how many pixels.
// 91881 is 65536 and 26345; of the product with that both halves are had in 16 bits.
__attribute__((target("avx2"))) static int reds(uint8_t *red, const uint8_t *luma, const uint8_t *cr, int n) {
	const __m256i none = _mm256_setzero_si256(), by = _mm256_set1_epi16(26345), middle = _mm256_set1_epi16(128);
	int i = 0;
	for (; i + 32 <= n; i += 32) {
		__m256i k = _mm256_sub_epi16(_mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(cr + i / 2))), middle);
		__m256i d = _mm256_add_epi16(k, _mm256_add_epi16(_mm256_mulhi_epi16(k, by), _mm256_srli_epi16(_mm256_mullo_epi16(k, by), 15)));
		__m256i more = _mm256_max_epi16(d, none), less = _mm256_max_epi16(_mm256_sub_epi16(none, d), none); // 179 at most
		more = _mm256_or_si256(more, _mm256_slli_epi16(more, 8)), less = _mm256_or_si256(less, _mm256_slli_epi16(less, 8));
		__m256i l = _mm256_loadu_si256((const __m256i *)(luma + i));
		_mm256_storeu_si256((__m256i *)(red + i), _mm256_subs_epu8(_mm256_adds_epu8(l, more), less));
	}
	return i;
}
#endif

void sohoa_red(uint8_t *red, int red_stride, const uint8_t *luma, int luma_stride, const uint8_t *cr, int cr_stride, int w, int h, int down) {
	for (int y = 0; y < h; y++, red += red_stride, luma += luma_stride) {
		const uint8_t *c = cr + (long)(y / down) * cr_stride;
		int done = 0;
#ifdef __x86_64__
		if (__builtin_cpu_supports("avx2")) done = reds(red, luma, c, w);
#endif
		red_row(red + done, luma + done, c + done / 2, w - done);
	}
}

// stretch samples between two rows of w pixels. Behind the n samples it may write others,
// up to room of both.
static void stretch(uint8_t *restrict to, int n, int room, const uint8_t *restrict top, const uint8_t *restrict low, int w, int64_t from, int64_t by, int32_t fy, int32_t df, const ramps *r) {
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
		i = sixteens(to, n, room, top, low, w, x, step, fy, df, r);
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

void sohoa_line(uint8_t *to, int n, const uint8_t *image, int stride, int w, int64_t sx, int64_t dx, int64_t sy, int64_t dy) {
	ramps r = rampsOf(dx, dy);
	while (n > 0) { // pages are turned by little: long stretches come from the same two rows
		int64_t m = n, part = sy & 65535;
		if (dy > 0) m = (65535 - part) / dy + 1;
		if (dy < 0) m = part / -dy + 1;
		if (m > n) m = n;
		const uint8_t *top = image + (sy >> 16) * stride;
		stretch(to, m, n, top, top + stride, w, sx, dx, part, dy, &r);
		to += m;
		n -= m;
		sx += m * dx;
		sy += m * dy;
	}
}

// between leaves in line the paper's grey over the middles of the tiles at y, times 65536.
static void between(int32_t *line, const uint8_t *grey, int across, int down, int side, int y) {
	int low = (y + side / 2) / side, above = low > 0 ? low - 1 : 0, below = low < down ? low : down - 1;
	int32_t part = (y + side / 2) % side * 65536 / side;
	for (int i = 0; i < across; i++) {
		int32_t a = grey[above * across + i], b = grey[below * across + i];
		line[i] = (a << 16) + (b - a) * part;
	}
}

// fill writes v to n places, and to some behind them.
static inline void fill(uint16_t *to, int n, uint16_t v) {
	for (int x = 0; x < n; x += 16)
		for (int i = 0; i < 16; i++) to[x + i] = v;
}

// whiten multiplies n samples by so many whole and so many parts, which are 65536ths: by less
// than 256, and 255 at most.
WIDE static void whiten(uint8_t *restrict row, int n, const uint16_t *restrict whole, const uint16_t *restrict part) {
	for (int i = 0; i < n; i++) {
		uint16_t v = row[i] * whole[i] + (uint16_t)((uint32_t)row[i] * part[i] >> 16); // 65279 at most
		row[i] = v > 255 ? 255 : v;
	}
}

// levels writes by what each of w samples is multiplied, from the middle of one tile to the
// middle of the next.
WIDE static void levels(uint16_t *whole, uint16_t *part, int w, int side, const int32_t *line, int across, const uint32_t *white) {
	int at = side / 2; // from the middle of the tile before
	for (int x = 0, tile = 0; x < w; tile++, at = 0) {
		int end = (tile + 1) * side - side / 2, n = (end < w ? end : w) - x;
		int32_t a = line[tile > 0 ? tile - 1 : 0], b = line[tile < across ? tile : across - 1], step = (b - a) / side, p = a + step * at;
		while (n > 0) {
			int32_t grey = p >> 16, m = n; // so many samples have paper of the same grey
			if ((p + (n - 1) * step) >> 16 != grey) m = step > 0 ? (((grey + 1) << 16) - p + step - 1) / step : (p - (grey << 16)) / -step + 1;
			fill(whole + x, m, white[grey] >> 16);
			fill(part + x, m, white[grey]);
			x += m;
			n -= m;
			p += m * step;
		}
	}
}

void sohoa_even(uint8_t *pix, long stride, int w, int h, int side, const uint8_t *grey, int across, int down, const uint32_t *white, int32_t *line, uint16_t *by) {
	uint16_t *whole = by, *part = by + w + 16;
	for (int y = 0; y < h; y++, pix += stride) {
		between(line, grey, across, down, side, y);
		levels(whole, part, w, side, line, across, white);
		whiten(pix, w, whole, part);
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

WIDE void sohoa_add_to(uint16_t *restrict to, const uint16_t *restrict from, int n) {
	for (int i = 0; i < n; i++) to[i] += from[i];
}

// gain adds to bins what a stretch of columns has at each place.
WIDE static void gain(int32_t *restrict bins, const uint16_t *restrict until, const uint16_t *restrict from, int n) {
	for (int y = 0; y < n; y++) bins[y] += (uint16_t)(until[y] - from[y]);
}

void sohoa_shear(int32_t *bins, int each, const uint16_t *sums, int size, int along, int32_t first, int32_t slope, int32_t zero) {
	enum { MOST = 257 }; // columns whose ink, of 255, a sum of 16 bits can tell apart
	for (int x = 0, to; x < along; x = to) {
		int32_t bin = zero + ((first + x) * slope >> 14);
		for (to = x + 1; to < along && to - x < MOST && zero + ((first + to) * slope >> 14) == bin;) to++;
		gain(bins + (long)(bin & 3) * each + (bin >> 2), sums + (long)to * size, sums + (long)x * size, size);
	}
}

// four adds up each of n and the three before it.
WIDE static void four(int32_t *restrict to, const int32_t *restrict from, int n) {
	for (int i = 0; i < n; i++) to[i] = from[i] + from[i - 1] + from[i - 2] + from[i - 3];
}

WIDE static void squares(double *restrict sums, const int32_t *restrict n, const int32_t *restrict before) {
	for (int i = 0; i < 8; i++) {
		double d = n[i] - before[i];
		sums[i] += d * d;
	}
}

double sohoa_contrast(int32_t *line, const int32_t *bins, int each) {
	enum { PAD = 8 };
	int n = 4 * each;
	int32_t *all = line + PAD, *box = all + n + PAD, *twice = box + n + PAD;
	for (int i = 1; i <= PAD; i++) all[-i] = box[-i] = twice[-i] = 0;
	for (int i = 0; i < each; i++)
		for (int phase = 0; phase < 4; phase++) all[4 * i + phase] = bins[phase * each + i];
	four(box, all, n);
	four(twice, box, n);
	double sums[8] = {0}, sum = 0; // of whole numbers: in whatever order, while they are not beyond 2^53
	for (int i = 0; i + 8 <= n; i += 8) squares(sums, twice + i, twice + i - 4);
	for (int i = 0; i < 8; i++) sum += sums[i];
	int i = sum < 0x1p53 ? n & ~7 : 0;
	if (i == 0) sum = 0;
	for (; i < n; i++) {
		double d = twice[i] - twice[i - 4];
		sum += d * d;
	}
	return sum;
}

enum { CHUNK = 512 };

// Of each pixel of a chunk a byte says what it is, many at once; then those few are looked
// at of which it says anything.
#define EACH(flags, n, i) \
	for (int eight = 0; eight < n; eight += 8) \
		for (uint64_t left = eightOf(flags + eight), i; left && (i = eight + first(left), 1); left &= ~((uint64_t)255 << 8 * first(left)))

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
static inline uint64_t eightOf(const uint8_t *b) {
	uint64_t v;
	memcpy(&v, b, sizeof v);
	return __builtin_bswap64(v);
}
#else
static inline uint64_t eightOf(const uint8_t *b) {
	uint64_t v;
	memcpy(&v, b, sizeof v);
	return v;
}
#endif
static inline int first(uint64_t v) { return __builtin_ctzll(v) / 8; }

static inline uint8_t apart(uint8_t a, uint8_t b) { return a > b ? a - b : b - a; }

// tones flags the strokes, and returns how many ghosts there are.
WIDE static int tones(uint8_t *restrict flags, const uint8_t *restrict row, int n) {
	uint16_t ghosts = 0;
	for (int x = 0; x < n; x++) {
		uint8_t v = row[x], l = row[x - 2], r = row[x + 2], far = l > r ? l : r;
		flags[x] = (v <= 165) & (far >= (uint8_t)(v + 90)) & (v <= row[x - 1]) & (v <= row[x + 1]);
		ghosts += (v <= 225) & (v >= 120) & (apart(l, v) < 25) & (apart(r, v) < 25);
	}
	return ghosts;
}

void sohoa_strokes(const uint8_t *row, int n, int32_t *strokes, int32_t *ghosts) {
	uint8_t flags[CHUNK + 8];
	for (int from = 2; from + 2 < n; from += CHUNK) {
		int m = n - 2 - from < CHUNK ? n - 2 - from : CHUNK;
		*ghosts += tones(flags, row + from, m);
		memset(flags + m, 0, 8);
		EACH(flags, m, i) strokes[row[from + i]]++;
	}
}

WIDE static void inked(uint8_t *restrict flags, const uint8_t *restrict row, int n, uint8_t least) {
	for (int x = 0; x < n; x++) {
		uint8_t v = row[x], l = row[x - 3], r = row[x + 3], far = l < r ? l : r;
		flags[x] = (v <= 225) & (v <= (uint8_t)(255 - least)) & (v <= row[x - 1]) & (v <= row[x + 1]) & (far >= (uint8_t)(v + least));
	}
}

void sohoa_inks(const uint8_t *row, int n, int side, int32_t *tiles, int least, int pale, int32_t *strokes, int32_t *pales) {
	uint8_t flags[CHUNK + 8];
	for (int from = 3; from + 3 < n; from += CHUNK) {
		int m = n - 3 - from < CHUNK ? n - 3 - from : CHUNK;
		inked(flags, row + from, m, least);
		memset(flags + m, 0, 8);
		EACH(flags, m, i) {
			int x = from + i, v = row[x];
			tiles[x / side * 16 + (v >> 4)]++;
			++*strokes;
			*pales += v > pale;
		}
	}
}

// lighter tells of less than 65536 samples how many are no darker than v.
WIDE static int lighter(const uint8_t *restrict some, int n, uint8_t v) {
	uint16_t sum = 0;
	for (int i = 0; i < n; i++) sum += some[i] >= v;
	return sum;
}

int64_t sohoa_lighter(const uint8_t *rows, long stride, int n, int h, int v) {
	enum { MOST = 65535 };
	int64_t sum = 0;
	for (int y = 0; y < h; y++, rows += stride)
		for (int x = 0; x < n; x += MOST) sum += lighter(rows + x, n - x < MOST ? n - x : MOST, v);
	return sum;
}

WIDE static void second(uint8_t *restrict to, const uint8_t *restrict row, int n) {
	for (int i = 0; i < n; i++) to[i] = row[2 * i];
}

int sohoa_quartile(uint8_t *some, const uint8_t *rows, long stride, int w, int h) {
	int n = 0, across = (w + 1) / 2;
	for (int y = 0; y < h; y += 2, rows += 2 * stride, n += across) {
		second(some + n, rows, w / 2);
		if (w & 1) some[n + across - 1] = rows[w - 1];
	}
	int lo = 0, hi = 255; // the quartile is at least lo and at most hi
	while (lo < hi) {
		int mid = (lo + hi + 1) / 2;
		if (lighter(some, n, mid) * 4 > n) lo = mid;
		else hi = mid - 1;
	}
	return lo;
}

WIDE void sohoa_add(int32_t *restrict sums, const uint8_t *restrict row, int n, int off) {
	if (off)
		for (int x = 0; x < n; x++) sums[x] -= row[x];
	else
		for (int x = 0; x < n; x++) sums[x] += row[x];
}

int32_t sohoa_along(int32_t *means, const int32_t *in, const int32_t *gone, int n, int32_t sum, uint64_t by) {
	for (int i = 0; i < n; i++) {
		sum += in[i] - gone[i];
		means[i] = (uint64_t)sum * by >> 32;
	}
	return sum;
}

WIDE static void darker(uint8_t *restrict flags, const int32_t *restrict means, const uint8_t *restrict row, int n, int least) {
	for (int x = 0; x < n; x++) flags[x] = means[x] - row[x] > least;
}

int sohoa_darker_than_about(int32_t *places, int32_t *by, const int32_t *means, const uint8_t *row, int n, int least) {
	uint8_t flags[CHUNK + 8];
	int found = 0;
	for (int from = 0; from < n; from += CHUNK) {
		int m = n - from < CHUNK ? n - from : CHUNK;
		darker(flags, means + from, row + from, m, least);
		memset(flags + m, 0, 8);
		EACH(flags, m, i) {
			places[found] = from + i;
			by[found++] = means[from + i] - row[from + i];
		}
	}
	return found;
}

WIDE static void brighter(uint8_t *restrict flags, const uint8_t *restrict rows, long stride, int n, uint16_t least) {
	uint16_t above[CHUNK + 2], below[CHUNK + 2];
	const uint8_t *low = rows + 3 * stride;
	for (int x = 0; x < n + 2; x++) {
		above[x] = rows[x] + rows[stride + x] + rows[2 * stride + x];
		below[x] = low[x] + low[stride + x] + low[2 * stride + x];
	}
	for (int x = 0; x < n; x++) {
		uint16_t a = above[x] + above[x + 1] + above[x + 2], b = below[x] + below[x + 1] + below[x + 2]; // 2295 at most
		flags[x] = ((uint16_t)(4 * b) >= (uint16_t)(5 * a)) & ((uint16_t)(2 * b) >= least);
	}
}

void sohoa_brighter(uint8_t *flags, const uint8_t *rows, long stride, int n, int least) {
	for (int from = 0; from < n; from += CHUNK)
		brighter(flags + from, rows + from, stride, n - from < CHUNK ? n - from : CHUNK, least);
}

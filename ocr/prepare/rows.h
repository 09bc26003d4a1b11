// What Go calls for whole images of grey, in rows of so many bytes: see rows.go.
#include <stdint.h>

// Writes the red of an image whose rows share a row of Cr every down rows, two pixels a
// sample: Y + 1.402 (Cr - 128), JFIF 1.02.
void sohoa_red(uint8_t *red, int red_stride, const uint8_t *luma, int luma_stride, const uint8_t *cr, int cr_stride, int w, int h, int down);

// Adds weight to a cell of side/across samples for each sample of h rows of Cr above least.
void sohoa_reds(int32_t *cells, const uint8_t *cr, long stride, int n, int h, int side, int across, int least, int weight);

// Adds h rows of n samples to sums.
void sohoa_sums(uint16_t *sums, const uint8_t *rows, int stride, int n, int h);

// Samples an image of w pixels a row at (sx, sy), (sx+dx, sy+dy) and so on, in 65536ths of
// a pixel, between four neighbours.
void sohoa_line(uint8_t *to, int n, const uint8_t *image, int stride, int w, int64_t sx, int64_t dx, int64_t sy, int64_t dy);

// Multiplies the samples of h rows of w by white[p] / 65536, 255 at most; p is the grey of the
// paper there, between the middles of tiles of side samples, across by down. line has room for
// as many as are across, and by for two rows and 32 more.
void sohoa_even(uint8_t *pix, long stride, int w, int h, int side, const uint8_t *grey, int across, int down, const uint32_t *white, int32_t *line, uint16_t *by);

// Adds to counts how often each grey is in every step-th of w samples of h rows.
void sohoa_counts(uint32_t *counts, const uint8_t *rows, long stride, int w, int h, int step);

// Adds n numbers to others, place by place.
void sohoa_add_to(uint16_t *to, const uint16_t *from, int n);

// Adds the ink of columns, sheared, to bins, of which four make a pixel and each fourth lies in
// a row of so many: that of a place y of column x, which is the first + x'th, goes to
// zero + 4 y + (first + x) * slope / 16384, which has to be within. Of each place, sums has what
// is in the columns before the x'th, in the lower 16 bits; there is one more than along.
void sohoa_shear(int32_t *bins, int each, const uint16_t *sums, int size, int along, int32_t first, int32_t slope, int32_t zero);

// Returns the contrast of such bins: see contrast. The first four are empty, and line has room
// for three times as many and 24 more.
double sohoa_contrast(int32_t *line, const int32_t *bins, int each);

// Counts the strokes of a row by their grey, and its ghosts: see toneOf.
void sohoa_strokes(const uint8_t *row, int n, int32_t *strokes, int32_t *ghosts);

// Returns how many of n samples of h rows are no darker than v.
int64_t sohoa_lighter(const uint8_t *rows, long stride, int n, int h, int v);

// Counts the strokes of a row in tiles of so many pixels by 16ths of grey, and those above pale:
// see inks.
void sohoa_inks(const uint8_t *row, int n, int side, int32_t *tiles, int least, int pale, int32_t *strokes, int32_t *pales);

// Writes the means of k sums each, which are of k samples: scale is 2^24 / k^2 and a little.
void sohoa_means(uint8_t *to, int n, const uint16_t *sums, int k, uint32_t scale);

// Writes h rows of n means of four by four samples, and of three by three.
void sohoa_means4(uint8_t *to, int n, int h, const uint8_t *rows, long stride);
void sohoa_means3(uint8_t *to, int n, int h, const uint8_t *rows, long stride);

// Returns the grey that three quarters of every second of w samples of every second of h rows
// do not exceed. These samples, less than 65536, are written to some.
int sohoa_quartile(uint8_t *some, const uint8_t *rows, long stride, int w, int h);

// Adds a row of n samples to sums, or takes it off them.
void sohoa_add(int32_t *sums, const uint8_t *row, int n, int off);

// Writes means of a window that moves along sums: what was in it is sum; at each step in[i]
// comes and gone[i] goes, and by is 2^32 through the number of samples, rounded up. It returns
// the sum that is left.
int32_t sohoa_along(int32_t *means, const int32_t *in, const int32_t *gone, int n, int32_t sum, uint64_t by);

// Writes the places of n that are darker by more than least than their means, and by how
// much, and returns how many these are.
int sohoa_darker_than_about(int32_t *places, int32_t *by, const int32_t *means, const uint8_t *row, int n, int least);

// Writes which of n places in rows, that begin three rows above y and go on to two below it,
// may be where light begins: below, three by three samples are a quarter lighter than above, and
// twice that is at least least.
void sohoa_brighter(uint8_t *flags, const uint8_t *rows, long stride, int n, int least);

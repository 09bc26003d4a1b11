// What Go calls for rows of pixels: see rows.go. Bits are pixels that are darker than some
// limit, 64 of a row in a word, the first in the lowest bit; rows begin with a word, and bits
// behind the last pixel of a row are 0.
#include <stdint.h>

// Copies h rows of w pixels, and writes which of them are darker than limit.
void sohoa_packed_copy(uint8_t *copy, uint64_t *bits, const uint8_t *pix, long stride, int w, int h, int limit);

// Writes which pixels are darker than full and which are darker than pale, and counts those
// of the first and those of the second that are not of the first.
void sohoa_packed_inks(uint64_t *dark, uint64_t *faint, int64_t *counts, const uint8_t *pix, long stride, int w, int h, int full, int pale);

// Returns how many stretches there are in all rows.
long sohoa_count_runs(const uint64_t *bits, int words, int h);

// Writes where the stretches of a row begin and end, in turn, and returns how many places
// these are: w + 1 at most.
int sohoa_stretches(int32_t *places, const uint64_t *bits, int w);

// Tells of each row and of each column whether, its gaps of up to two pixels filled, it is dark
// over a block of so many pixels: 8, 16 or 32 that begin at a multiple of that. There is room in
// all for a row.
void sohoa_long(uint8_t *rows, uint64_t *columns, uint64_t *all, const uint64_t *bits, int words, int h, int block);

// Dark pixels side by side in row y, from x0 to before x1, as layout.run.
typedef struct {
	int32_t y, x0, x1;
} sohoa_run;

// Writes all runs row by row, and of each the number of one that it touches, its own if none
// comes before it. There is room for w + 1 places.
void sohoa_runs(sohoa_run *runs, int32_t *parent, int32_t *places, const uint64_t *bits, int w, int h);

// Makes of those numbers that of each run's stain, in the order of their first runs, and
// returns how many stains there are.
int32_t sohoa_number_stains(int32_t *number, int32_t n);

// Where a stain lies, how many pixels it has, and which of the kept runs are its own.
typedef struct {
	int32_t x0, y0, x1, y1, area, first, runs;
} sohoa_stain;

// Measures m stains, and sorts their runs by them.
void sohoa_stains(sohoa_stain *stains, int32_t m, sohoa_run *kept, const sohoa_run *runs, const int32_t *number, int32_t n);

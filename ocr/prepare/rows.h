// What Go calls for whole images of grey, in rows of so many bytes: see rows.go.
#include <stdint.h>

// Writes the red of an image whose rows share a row of Cr every down rows, two pixels a
// sample: Y + 1.402 (Cr - 128), JFIF 1.02.
void sohoa_red(uint8_t *red, int red_stride, const uint8_t *luma, int luma_stride, const uint8_t *cr, int cr_stride, int w, int h, int down);

// Adds weight to a cell of side/across samples for each sample of a row of Cr above least.
void sohoa_reds(int32_t *cells, const uint8_t *cr, int n, int side, int across, int least, int weight);

// Adds h rows of n samples to sums.
void sohoa_sums(uint16_t *sums, const uint8_t *rows, int stride, int n, int h);

// Samples an image of w pixels a row at (sx, sy), (sx+dx, sy+dy) and so on, in 65536ths of
// a pixel, between four neighbours.
void sohoa_line(uint8_t *to, int n, const uint8_t *image, int stride, int w, int64_t sx, int64_t dx, int64_t sy, int64_t dy);

// Multiplies n samples by white[p >> 16] / 65536, 255 at most, with p, p+step and so on.
void sohoa_whiten(uint8_t *row, int n, const uint32_t *white, int32_t p, int32_t step);

// What Go calls for rows of grey pixels: see rows.go.
#include <stdint.h>

// Adds to counts how often each grey is in h rows of w.
void sohoa_greys(int64_t *counts, const uint8_t *pix, long stride, int w, int h);

// Adds to each of w columns and writes to each of h rows how many pixels are no lighter than dark.
void sohoa_ink(int32_t *columns, int32_t *rows, const uint8_t *pix, long stride, int w, int h, int dark);

// What Go calls to decode a picture strip by strip: see strips.go.
#include <stddef.h>

typedef struct sohoa_strips sohoa_strips;

// Begins with a picture of YCbCr two of whose pixels side by side share their colour, of width
// by height, and says how many rows do. Returns NULL if the data are another or anything is
// wrong with them. They have to stay where they are until the strips are closed.
sohoa_strips *sohoa_strips_open(const unsigned char *data, size_t size, int width, int height, int *down);

// Decodes so many more rows, a multiple of 16, into planes of Y and Cr of so many bytes a row,
// rows being whole blocks; fewer where the picture ends. Returns 0, or not if anything at all is
// wrong with the data: then there is no more but to close them.
int sohoa_strips_next(sohoa_strips *s, unsigned char *luma, int luma_stride, unsigned char *red, int red_stride, int rows);

void sohoa_strips_close(sohoa_strips *s);

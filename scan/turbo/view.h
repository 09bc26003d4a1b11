// What Go calls to look at pictures: see view.go.
#include <stddef.h>

typedef struct {
	int width, height, components; // of the pixels: 1 grey, 3 YCbCr, interleaved
	int rgb;                       // to be written: the three are red, green and blue
} sohoa_view;

// Says how large a picture drawn at eighths/8 of its size is. Returns 0, or not if
// it is not one of the plain kinds.
int sohoa_view_size(const unsigned char *data, size_t size, int eighths, sohoa_view *view);

// Draws it into pixels, which are as large as view says. Returns 0, or not if
// anything at all is wrong with the data.
int sohoa_view_draw(const unsigned char *data, size_t size, int eighths, const sohoa_view *view, unsigned char *pixels);

// Writes pixels as a JPEG file at *out of *size bytes, for the caller to free.
// Returns 0, or not if there is no memory for it.
int sohoa_view_write(const unsigned char *pixels, const sohoa_view *view, int quality, int dpi, unsigned char **out, unsigned long *size);

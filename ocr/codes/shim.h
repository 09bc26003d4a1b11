// What Go calls of ZXing (C++): see codes.go.
#ifdef __cplusplus
extern "C" {
#endif

// SOHOA_PLAIN: as the library does it by itself.
enum { SOHOA_QR = 1, SOHOA_LINEAR = 2, SOHOA_PLAIN = 4 };

// Returns the codes found on a grey image as text to be freed, or NULL.
char *sohoa_codes(const unsigned char *pixels, int width, int height, int stride, int formats);

// Returns the grey of each block of eight by eight pixels, row by row, up to which ZXing's
// HybridBinarizer finds black there, to be freed; NULL if the image is too small for that, or
// there is no memory.
unsigned char *sohoa_levels(const unsigned char *grey, int w, int h, int stride);

// Spreads the levels of row y over its w pixels.
void sohoa_row_of_levels(unsigned char *to, const unsigned char *levels, int y, int w, int h);

// Writes 0 where there is black and 1 where not, in rows of w; 0: no memory.
int sohoa_black(unsigned char *to, const unsigned char *levels, const unsigned char *grey, int w, int h, int stride);

// Returns 0 if ZXing would find no QR code in black and white of these levels, since there
// are no three finder patterns.
int sohoa_finders(const unsigned char *levels, const unsigned char *grey, int w, int h, int stride);

// Reduces an image to a third, as ZXing's LumImagePyramid does; 0: no memory.
int sohoa_third(unsigned char *to, const unsigned char *grey, int w, int h, int stride);

// Sums the structure tensor (xx, yy, xy) over every tile of 16 by 16 pixels, of every
// second row: bars are longer.
void sohoa_flows(const unsigned char *pixels, int width, int height, int stride, double *all);

#ifdef __cplusplus
}
#endif

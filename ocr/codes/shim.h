// What Go calls of ZXing (C++): see codes.go.
#ifdef __cplusplus
extern "C" {
#endif

// SOHOA_PLAIN: as the library does it by itself.
enum { SOHOA_QR = 1, SOHOA_LINEAR = 2, SOHOA_PLAIN = 4 };

// Returns the codes found on a grey image as text to be freed, or NULL.
char *sohoa_codes(const unsigned char *pixels, int width, int height, int stride, int formats);

// Writes 0 where ZXing's HybridBinarizer finds black and 1 where not, in rows of w. It
// returns 0 if the image is too small for that, or there is no memory.
int sohoa_black(unsigned char *to, const unsigned char *grey, int w, int h, int stride);

// Reduces an image to a third, as ZXing's LumImagePyramid does; 0: no memory.
int sohoa_third(unsigned char *to, const unsigned char *grey, int w, int h, int stride);

// Sums the structure tensor (xx, yy, xy) over every tile of 16 by 16 pixels, of every
// second row: bars are longer.
void sohoa_flows(const unsigned char *pixels, int width, int height, int stride, double *all);

#ifdef __cplusplus
}
#endif

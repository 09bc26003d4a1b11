// What Go calls of ZXing (C++): see codes.go.
#ifdef __cplusplus
extern "C" {
#endif

enum { SOHOA_QR = 1, SOHOA_LINEAR = 2 };

// Returns the codes found on a grey image as text to be freed, or NULL.
char *sohoa_codes(const unsigned char *pixels, int width, int height, int stride, int formats);

// Sums the structure tensor (xx, yy, xy) over every tile of 16 by 16 pixels, of every
// second row: bars are longer.
void sohoa_flows(const unsigned char *pixels, int width, int height, int stride, double *all);

#ifdef __cplusplus
}
#endif

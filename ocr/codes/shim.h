// What Go calls of ZXing (C++): see codes.go.
#ifdef __cplusplus
extern "C" {
#endif

enum { SOHOA_QR = 1, SOHOA_LINEAR = 2 };

// Returns the codes found on a grey image as text to be freed, or NULL.
char *sohoa_codes(const unsigned char *pixels, int width, int height, int stride, int formats);

#ifdef __cplusplus
}
#endif

// What Go calls of libjpeg: see turbo.go.
#include <stddef.h>

typedef struct {
	int width, height, components; // 1 or 3
	int h, v;                      // how often the first component is sampled for one sample of the others
} sohoa_jpeg;

// Reads the head. Returns 0, or not if the picture is not one of the plain kinds.
int sohoa_jpeg_head(const unsigned char *data, size_t size, sohoa_jpeg *head);

// Decodes into planes of so many bytes a row, rows being whole blocks; unless all is asked
// for, nothing is written to the second of three. Returns 0, or not if anything at all is
// wrong with the data.
int sohoa_jpeg_planes(const unsigned char *data, size_t size, unsigned char *plane[3], const int stride[3], int all);

// Decodes all that is coded, without drawing more than a picture of an eighth.
// Returns 0, or not if the picture is not one of the plain kinds or anything at
// all is wrong with the data.
int sohoa_jpeg_whole(const unsigned char *data, size_t size, sohoa_jpeg *head);

// As sohoa_jpeg_whole, and that it is as wide and high as wanted, in a process of its own
// that has memory and nothing else: no file, no pipe, no call of the system. Returns 0 or
// 1, or -1 if that process came to another end.
int sohoa_jpeg_whole_apart(const unsigned char *data, size_t size, const sohoa_jpeg *want);

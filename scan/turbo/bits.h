// The bits of a picture, taken faster than the library does: see bits.c.
#include <stdint.h>

struct table;

// Where in the bits a picture's decoding is.
typedef struct {
	const uint8_t *at, *end; // what is not among bits
	uint64_t bits;           // the next n, from the highest on
	int n, nothing;          // how many of n are behind the end of the data
	int ended;
	int direct[3];           // of each component in the block before
	uint64_t left;           // units
	struct table *tables;    // two a component
	void (*give_up)(j_decompress_ptr d);
} sohoa_bits;

// Has the library, whose decoding of d has just been started, take its bits by this. If
// anything is odd in them, give_up is called, which does not return. Pictures of other kinds
// are left to the library: then it returns 0.
int sohoa_bits_start(j_decompress_ptr d, sohoa_bits *s, void (*give_up)(j_decompress_ptr));

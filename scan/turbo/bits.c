#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include <jpegint.h>

#include "bits.h"

// Half of the time that a page takes to decode goes to its bits. libjpeg-turbo looks up the
// code of a coefficient, and then takes the coefficient's own bits; here short ones come out
// of one table together, as stb_image and others have it. The library calls this in place of
// its own function (decode_mcu of jdhuff.c) for each unit of a picture that is coded in one
// pass, without restarts. Whatever is odd in the data is for the library to judge: then this
// gives up, and it decodes the picture from its beginning.

enum { LOOK = 10, LATER = 0x80 };

// What the next bits of data are. length: how many they are; with LATER, those of the code
// alone, and value is how many more the coefficient has. A step of 64 ends the block; a
// length of 0 is a code longer than LOOK, or none.
typedef struct {
	int16_t value;
	uint8_t length, step;
} entry;

struct table {
	entry quick[1 << LOOK];
	int32_t most[18]; // the first code behind those of so many bits, moved to 16 bits
	int32_t base[17];
	uint8_t symbol[256];
};

static int extended(int v, int size) { return size && v < 1 << (size - 1) ? v - (1 << size) + 1 : v; }

// A symbol of direct current is a size; of alternating current, zeros before and a size.
static entry told(int symbol, int length, int direct) {
	int run = direct ? 0 : symbol >> 4, size = direct ? symbol : symbol & 15;
	entry e = {size, length | LATER, run + 1};
	if (!direct && size == 0) e = (entry){0, length, run == 15 ? 16 : 64};
	if (direct && size == 0) e = (entry){0, length, 1};
	return e;
}

static int build(struct table *t, const JHUFF_TBL *from, int direct) {
	memset(t, 0, sizeof *t);
	if (!from) return 0;
	int code = 0, k = 0;
	for (int length = 1; length <= 16; length++) {
		t->base[length] = k - code;
		for (int i = 0; i < from->bits[length]; i++, code++, k++) {
			int symbol = from->huffval[k], size = direct ? symbol : symbol & 15;
			if (k > 255 || code >= 1 << length || (direct && symbol > 11)) return 0;
			t->symbol[k] = symbol;
			for (int rest = 0; length <= LOOK && rest < 1 << (LOOK - length); rest++) {
				entry *e = &t->quick[code << (LOOK - length) | rest];
				*e = told(symbol, length, direct);
				if (size > 0 && length + size <= LOOK) {
					e->value = extended(rest >> (LOOK - length - size), size);
					e->length = length + size;
				}
			}
		}
		t->most[length] = code << (16 - length);
		code <<= 1;
	}
	return 1;
}

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
static inline uint64_t eight(const uint8_t *p) {
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return v;
}
#else
static inline uint64_t eight(const uint8_t *p) {
	uint64_t v;
	memcpy(&v, p, sizeof v);
	return __builtin_bswap64(v);
}
#endif

// one_by_one adds bytes, of which one of 255 may stand before one of 0 or begin a marker. At
// the end of the data come zeros, which are counted.
static void one_by_one(sohoa_bits *s) {
	while (s->n <= 56 && !s->ended) {
		if (s->at == s->end || (*s->at == 255 && (s->at + 1 == s->end || s->at[1] != 0))) {
			s->ended = 1;
			break;
		}
		s->bits |= (uint64_t)*s->at << (56 - s->n);
		s->n += 8;
		s->at += *s->at == 255 ? 2 : 1;
	}
	if (s->ended && s->n < 32) s->n += 32, s->nothing += 32;
}

// What changes with every coefficient is held in variables of their own, which the compiler
// keeps in registers.
#define INLINE static inline __attribute__((always_inline))

typedef struct {
	uint64_t bits;
	int n;
} window;

static __attribute__((noinline)) window filled(sohoa_bits *s, window w) {
	s->bits = w.bits, s->n = w.n;
	if (s->end - s->at >= 8) {
		uint64_t v = eight(s->at);
		if (!((~v - 0x0101010101010101) & v & 0x8080808080808080)) { // none is 255
			s->at += (63 - w.n) >> 3;
			return (window){w.bits | v >> w.n, w.n | 56};
		}
	}
	one_by_one(s);
	return (window){s->bits, s->n};
}

// next is the next coefficient: its step is 0 if the data have no such code.
INLINE entry next(sohoa_bits *s, window *w, const struct table *t, int direct) {
	if (w->n < 32) *w = filled(s, *w);
	entry e = t->quick[w->bits >> (64 - LOOK)];
	if (__builtin_expect((unsigned)e.length - 1 < LATER - 1, 1)) {
		w->bits <<= e.length;
		w->n -= e.length;
		return e;
	}
	if (e.length == 0) {
		int32_t code = w->bits >> 48, length = LOOK + 1;
		while (length <= 16 && code >= t->most[length]) length++;
		if (length > 16) return (entry){0, 0, 0};
		e = told(t->symbol[(t->base[length] + (code >> (16 - length))) & 255], length, direct);
	}
	int length = e.length & ~LATER, size = e.length & LATER ? e.value : 0;
	w->bits <<= length;
	w->n -= length;
	if (size > 0) {
		e.value = extended(w->bits >> (64 - size), size);
		w->bits <<= size;
		w->n -= size;
	}
	return e;
}

// Where the coefficients stand in a block (ITU-T T.81 figure 5).
static const uint8_t place[64] = {0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};

static boolean unit(j_decompress_ptr d, JBLOCKROW *blocks) {
	sohoa_bits *s = d->client_data;
	window w = {s->bits, s->n};
	JCOEF nowhere[64];
	for (int b = 0; b < d->blocks_in_MCU; b++) {
		int c = d->MCU_membership[b];
		JCOEF *to = d->cur_comp_info[c]->component_needed ? *blocks[b] : nowhere;
		entry e = next(s, &w, &s->tables[2 * c], 1);
		s->direct[c] += e.value;
		if (e.step == 0 || s->direct[c] != (JCOEF)s->direct[c]) s->give_up(d);
		to[0] = s->direct[c];
		const struct table *other = &s->tables[2 * c + 1];
		for (int k = 0; k < 63;) {
			e = next(s, &w, other, 0);
			k += e.step;
			if (k > 63 || e.step == 0) {
				if (e.step != 64) s->give_up(d);
				break;
			}
			to[place[k]] = e.value;
		}
	}
	s->bits = w.bits, s->n = w.n;
	if (s->n < s->nothing) s->give_up(d);
	if (--s->left == 0) { // less than a byte is left before the marker
		while (s->n <= 56 && !s->ended) one_by_one(s);
		if (!s->ended || s->n - s->nothing >= 8) s->give_up(d);
		d->src->next_input_byte = s->at;
		d->src->bytes_in_buffer = s->end - s->at;
	}
	return TRUE;
}

int sohoa_bits_start(j_decompress_ptr d, sohoa_bits *s, void (*give_up)(j_decompress_ptr)) {
	if (d->progressive_mode || d->arith_code || d->restart_interval || d->inputctl->has_multiple_scans || d->comps_in_scan > 3) return 0;
	memset(s, 0, sizeof *s);
	s->tables = (*d->mem->alloc_large)((j_common_ptr)d, JPOOL_IMAGE, 2 * d->comps_in_scan * sizeof(struct table));
	for (int c = 0; c < d->comps_in_scan; c++) {
		int direct = d->cur_comp_info[c]->dc_tbl_no, other = d->cur_comp_info[c]->ac_tbl_no;
		if (!build(&s->tables[2 * c], d->dc_huff_tbl_ptrs[direct & 3], 1) || !build(&s->tables[2 * c + 1], d->ac_huff_tbl_ptrs[other & 3], 0)) return 0;
	}
	s->at = d->src->next_input_byte;
	s->end = s->at + d->src->bytes_in_buffer;
	s->left = (uint64_t)d->MCUs_per_row * d->MCU_rows_in_scan;
	s->give_up = give_up;
	d->client_data = s;
	d->entropy->decode_mcu = unit;
	return 1;
}

#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <jpeglib.h>

#include "strips.h"

struct sohoa_strips {
	struct jpeg_decompress_struct d;
	struct jpeg_error_mgr errors;
	jmp_buf back;
	int down; // rows of luma to one of Cr
};

static void quit(j_common_ptr c) { longjmp(((sohoa_strips *)c)->back, 1); }

// A warning is an error: the data are not what they should be.
static void told(j_common_ptr c, int level) {
	if (level < 0) quit(c);
}

void sohoa_strips_close(sohoa_strips *s) {
	jpeg_destroy_decompress(&s->d);
	free(s);
}

sohoa_strips *sohoa_strips_open(const unsigned char *data, size_t size, int width, int height, int *down) {
	sohoa_strips *s = calloc(1, sizeof *s);
	if (!s) return NULL;
	struct jpeg_decompress_struct *d = &s->d;
	d->err = jpeg_std_error(&s->errors);
	s->errors.error_exit = quit;
	s->errors.emit_message = told;
	if (setjmp(s->back)) {
		sohoa_strips_close(s);
		return NULL;
	}
	jpeg_create_decompress(d);
	d->mem->max_memory_to_use = 512L << 20;
	jpeg_mem_src(d, data, size);
	jpeg_read_header(d, TRUE);
	const jpeg_component_info *c = d->comp_info;
	if (d->data_precision != 8 || d->num_components != 3 || d->jpeg_color_space != JCS_YCbCr ||
	    (int)d->image_width != width || (int)d->image_height != height ||
	    c[0].h_samp_factor != 2 || (c[0].v_samp_factor != 1 && c[0].v_samp_factor != 2) ||
	    c[1].h_samp_factor != 1 || c[1].v_samp_factor != 1 || c[2].h_samp_factor != 1 || c[2].v_samp_factor != 1)
		quit((j_common_ptr)d);
	*down = s->down = c[0].v_samp_factor;
	d->raw_data_out = TRUE;
	d->dct_method = JDCT_ISLOW;
	// Its bits are still taken one code after the other, and their faults are told.
	d->comp_info[1].component_needed = FALSE;
	jpeg_start_decompress(d);
	return s;
}

int sohoa_strips_next(sohoa_strips *s, unsigned char *luma, int luma_stride, unsigned char *red, int red_stride, int rows) {
	struct jpeg_decompress_struct *d = &s->d;
	if (setjmp(s->back)) return 1;
	JSAMPROW of[3][2 * DCTSIZE];
	JSAMPARRAY planes[3] = {of[0], of[1], of[2]};
	int once = s->down * DCTSIZE;
	for (int y = 0; y + once <= rows && d->output_scanline < d->output_height; y += once) {
		for (int i = 0; i < once; i++) of[0][i] = luma + (y + i) * (size_t)luma_stride;
		for (int i = 0; i < DCTSIZE; i++) of[1][i] = of[2][i] = red + (y / s->down + i) * (size_t)red_stride;
		if (jpeg_read_raw_data(d, planes, once) == 0) quit((j_common_ptr)d);
	}
	if (d->output_scanline >= d->output_height) jpeg_finish_decompress(d);
	return 0;
}

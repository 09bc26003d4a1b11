#include <stdio.h>
#include <stdlib.h>
#include <setjmp.h>
#include <jpeglib.h>

#include "view.h"

struct fault {
	struct jpeg_error_mgr base;
	jmp_buf back;
};

static void away(j_common_ptr c) { longjmp(((struct fault *)c->err)->back, 1); }

static void warned(j_common_ptr c, int level) {
	if (level < 0) away(c);
}

// begin reads the head and sets the scale; what it returns is no more than the
// picture's kind being one that is drawn.
static int begin(struct jpeg_decompress_struct *d, const unsigned char *data, size_t size, int eighths) {
	jpeg_create_decompress(d);
	d->mem->max_memory_to_use = 512L << 20;
	jpeg_mem_src(d, data, size);
	jpeg_read_header(d, TRUE);
	if (d->data_precision != 8) return 0;
	int grey = d->num_components == 1 && d->jpeg_color_space == JCS_GRAYSCALE;
	if (!grey && (d->num_components != 3 || d->jpeg_color_space != JCS_YCbCr)) return 0;
	d->out_color_space = d->jpeg_color_space;
	d->scale_num = eighths;
	d->scale_denom = DCTSIZE;
	d->dct_method = JDCT_ISLOW;
	d->do_fancy_upsampling = FALSE;
	jpeg_calc_output_dimensions(d);
	return 1;
}

int sohoa_view_size(const unsigned char *data, size_t size, int eighths, sohoa_view *view) {
	struct jpeg_decompress_struct d;
	struct fault f;
	d.err = jpeg_std_error(&f.base);
	f.base.error_exit = away;
	f.base.emit_message = warned;
	if (setjmp(f.back)) {
		jpeg_destroy_decompress(&d);
		return 1;
	}
	int plain = begin(&d, data, size, eighths);
	view->width = d.output_width;
	view->height = d.output_height;
	view->components = d.num_components;
	jpeg_destroy_decompress(&d);
	return !plain;
}

int sohoa_view_draw(const unsigned char *data, size_t size, int eighths, const sohoa_view *view, unsigned char *pixels) {
	struct jpeg_decompress_struct d;
	struct fault f;
	d.err = jpeg_std_error(&f.base);
	f.base.error_exit = away;
	f.base.emit_message = warned;
	if (setjmp(f.back)) {
		jpeg_destroy_decompress(&d);
		return 1;
	}
	if (!begin(&d, data, size, eighths)) away((j_common_ptr)&d);
	jpeg_start_decompress(&d);
	if ((int)d.output_width != view->width || (int)d.output_height != view->height || d.output_components != view->components) away((j_common_ptr)&d);
	size_t stride = (size_t)d.output_width * d.output_components;
	while (d.output_scanline < d.output_height) {
		JSAMPROW row = pixels + d.output_scanline * stride;
		jpeg_read_scanlines(&d, &row, 1);
	}
	jpeg_finish_decompress(&d);
	jpeg_destroy_decompress(&d);
	return 0;
}

int sohoa_view_write(const unsigned char *pixels, const sohoa_view *view, int quality, int dpi, unsigned char **out, unsigned long *size) {
	struct jpeg_compress_struct c;
	struct fault f;
	c.err = jpeg_std_error(&f.base);
	f.base.error_exit = away;
	*out = NULL;
	*size = 0;
	if (setjmp(f.back)) {
		jpeg_destroy_compress(&c);
		free(*out);
		*out = NULL;
		return 1;
	}
	jpeg_create_compress(&c);
	jpeg_mem_dest(&c, out, size);
	c.image_width = view->width;
	c.image_height = view->height;
	c.input_components = view->components;
	c.in_color_space = view->components == 1 ? JCS_GRAYSCALE : view->rgb ? JCS_RGB : JCS_YCbCr;
	jpeg_set_defaults(&c);
	jpeg_set_quality(&c, quality, TRUE);
	c.optimize_coding = TRUE;
	c.density_unit = 1;
	c.X_density = c.Y_density = dpi;
	jpeg_start_compress(&c, TRUE);
	size_t stride = (size_t)view->width * view->components;
	while (c.next_scanline < c.image_height) {
		JSAMPROW row = (JSAMPROW)pixels + c.next_scanline * stride;
		jpeg_write_scanlines(&c, &row, 1);
	}
	jpeg_finish_compress(&c);
	jpeg_destroy_compress(&c);
	return 0;
}

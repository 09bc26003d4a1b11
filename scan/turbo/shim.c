#include <stdio.h>
#include <setjmp.h>
#include <jpeglib.h>

#include "shim.h"

struct trouble {
	struct jpeg_error_mgr base;
	jmp_buf back;
};

static void leave(j_common_ptr c) { longjmp(((struct trouble *)c->err)->back, 1); }

// A warning is an error: the data are not what they should be.
static void message(j_common_ptr c, int level) {
	if (level < 0) leave(c);
}

static void start(struct jpeg_decompress_struct *d, const unsigned char *data, size_t size) {
	jpeg_create_decompress(d);
	d->mem->max_memory_to_use = 512L << 20;
	jpeg_mem_src(d, data, size);
	jpeg_read_header(d, TRUE);
}

static int plain(const struct jpeg_decompress_struct *d) {
	if (d->data_precision != 8) return 0;
	const jpeg_component_info *c = d->comp_info;
	// Grey sampled otherwise than one by one comes in more rows at once than draw has room for.
	if (d->num_components == 1 && d->jpeg_color_space == JCS_GRAYSCALE) return c[0].h_samp_factor == 1 && c[0].v_samp_factor == 1;
	if (d->num_components != 3 || d->jpeg_color_space != JCS_YCbCr) return 0;
	return (c[0].h_samp_factor == 1 || c[0].h_samp_factor == 2) && (c[0].v_samp_factor == 1 || c[0].v_samp_factor == 2) &&
	       c[1].h_samp_factor == 1 && c[1].v_samp_factor == 1 && c[2].h_samp_factor == 1 && c[2].v_samp_factor == 1;
}

// A task is what is done with a picture whose head was read.
typedef void task(struct jpeg_decompress_struct *d, void *with);

// guarded does a task. Whatever goes wrong ends here: it returns 0 if nothing did.
static int guarded(const unsigned char *data, size_t size, task *work, void *with) {
	struct jpeg_decompress_struct d;
	struct trouble t;
	d.err = jpeg_std_error(&t.base);
	t.base.error_exit = leave;
	t.base.emit_message = message;
	if (setjmp(t.back)) {
		jpeg_destroy_decompress(&d);
		return 1;
	}
	start(&d, data, size);
	if (!plain(&d)) leave((j_common_ptr)&d);
	work(&d, with);
	jpeg_destroy_decompress(&d);
	return 0;
}

static void tell(struct jpeg_decompress_struct *d, void *with) {
	sohoa_jpeg *head = with;
	head->width = d->image_width;
	head->height = d->image_height;
	head->components = d->num_components;
	head->h = d->num_components == 1 ? 1 : d->comp_info[0].h_samp_factor;
	head->v = d->num_components == 1 ? 1 : d->comp_info[0].v_samp_factor;
}

int sohoa_jpeg_head(const unsigned char *data, size_t size, sohoa_jpeg *head) {
	return guarded(data, size, tell, head);
}

struct target {
	unsigned char **plane;
	const int *stride;
	int all; // or blue is passed over
};

enum { MOST_ROWS = 2 * DCTSIZE };

static void draw(struct jpeg_decompress_struct *d, void *with) {
	const struct target *to = with;
	d->raw_data_out = TRUE;
	d->dct_method = JDCT_ISLOW;
	// Its bits are still taken one code after the other, and their faults are told.
	if (!to->all && d->num_components == 3) d->comp_info[1].component_needed = FALSE;
	jpeg_start_decompress(d);
	JSAMPROW rows[3][MOST_ROWS];
	JSAMPARRAY planes[3] = {rows[0], rows[1], rows[2]};
	size_t done[3] = {0, 0, 0};
	while (d->output_scanline < d->output_height) {
		for (int c = 0; c < d->num_components; c++) {
			int n = (d->num_components == 1 ? 1 : d->comp_info[c].v_samp_factor) * DCTSIZE;
			for (int i = 0; i < n; i++) rows[c][i] = to->plane[c] + (done[c] + i) * (size_t)to->stride[c];
			done[c] += n;
		}
		if (jpeg_read_raw_data(d, planes, d->max_v_samp_factor * DCTSIZE) == 0) leave((j_common_ptr)d);
	}
	jpeg_finish_decompress(d);
}

int sohoa_jpeg_planes(const unsigned char *data, size_t size, unsigned char *plane[3], const int stride[3], int all) {
	struct target to = {plane, stride, all};
	return guarded(data, size, draw, &to);
}

static void prove(struct jpeg_decompress_struct *d, void *with) {
	tell(d, with);
	d->scale_num = 1;
	d->scale_denom = DCTSIZE; // what is not drawn is still decoded, and its faults are told
	d->out_color_space = d->jpeg_color_space;
	d->dct_method = JDCT_IFAST;
	d->do_fancy_upsampling = FALSE;
	jpeg_start_decompress(d);
	JSAMPARRAY row = (*d->mem->alloc_sarray)((j_common_ptr)d, JPOOL_IMAGE, d->output_width * d->output_components, 1);
	while (d->output_scanline < d->output_height) jpeg_read_scanlines(d, row, 1);
	jpeg_finish_decompress(d);
}

int sohoa_jpeg_whole(const unsigned char *data, size_t size, sohoa_jpeg *head) {
	return guarded(data, size, prove, head);
}

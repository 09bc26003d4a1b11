#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdint.h>
#include <string.h>
#include <leptonica/allheaders.h>

// Tesseract packs the image of every line that it is about to read as a PNG, and
// unpacks it at once (ImageData::SetPixInternal, GetPixInternal in its
// src/ccstruct/imagedata.cpp); that is a tenth of the cost of reading. What a
// program defines comes before what its libraries define, so this stands before
// Leptonica's function of the same name and writes grey pixels as they are (spix), which
// Leptonica's pixReadMem takes as readily: it copies them at once, where it would take a
// portable grey map pixel by pixel.
l_ok pixWriteMem(l_uint8 **pdata, size_t *psize, PIX *pix, l_int32 format) {
    if (pix && format == IFF_PNG && pixGetDepth(pix) == 8 && !pixGetColormap(pix))
        return pixWriteMemSpix(pdata, psize, pix);
    if (format == IFF_PNG)
        return pixWriteMemPng(pdata, psize, pix, 0.0);
    return 1; // nobody here writes anything else
}

// stands_before tells whether libraries find the function above.
int stands_before(void) { return dlsym(RTLD_DEFAULT, "pixWriteMem") == (void *)pixWriteMem; }

// keep_room has what is freed at the end of the heap kept for the next page, whose images are
// as large, and those images lie in the heap.
void keep_room(void) {
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
#endif
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define WIDE
#endif

static inline uint32_t word(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

WIDE static void words(uint32_t *to, const uint8_t *row, int n) {
    for (int i = 0; i < n; i++) to[i] = word(row + 4 * i);
}

// words_of writes h rows of w pixels as Leptonica keeps them: whole words of four, the first
// pixel in the highest byte, of the machine's order.
void words_of(uint32_t *to, const uint8_t *pix, long stride, int w, int h) {
    for (; h > 0; h--, pix += stride) {
        words(to, pix, w / 4);
        to += w / 4;
        if (w % 4) {
            uint8_t last[4] = {0};
            memcpy(last, pix + w / 4 * 4, w % 4);
            *to++ = word(last);
        }
    }
}

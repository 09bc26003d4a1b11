#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <leptonica/allheaders.h>

// Tesseract packs the image of every line that it is about to read as a PNG, and
// unpacks it at once (ImageData::SetPixInternal, GetPixInternal in its
// src/ccstruct/imagedata.cpp); that is a tenth of the cost of reading. What a
// program defines comes before what its libraries define, so this stands before
// Leptonica's function of the same name and writes grey pixels raw.
// Leptonica's pixReadMem takes them as readily.
l_ok pixWriteMem(l_uint8 **pdata, size_t *psize, PIX *pix, l_int32 format) {
    if (pix && format == IFF_PNG && pixGetDepth(pix) == 8 && !pixGetColormap(pix))
        return pixWriteMemPnm(pdata, psize, pix);
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

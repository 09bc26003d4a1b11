#include <dlfcn.h>
#include <stddef.h>

// Tesseract brings fifty libraries (it can fetch over the network, and so it has
// the network's), and to load them costs more than all else that a start of this
// program does. Children that read no text are spared them: what gosseract calls
// of Tesseract is defined here under Tesseract's names (the names and the way of
// calling of the Itanium C++ ABI, which all of Debian's machines have but 32-bit
// ARM), so that the linker does not ask for the library, and is led on to the
// library once engine_open has loaded it. Hidden, the names are in nobody's way:
// Tesseract's own calls of them stay in Tesseract.
//
// If gosseract calls more one day, the linker finds it in the library, which is
// then loaded at the start again: slower, and right.

#define HIDDEN __attribute__((visibility("hidden")))

#define LATE(symbol, result, params, args) \
	static result(*to_##symbol) params; \
	HIDDEN result symbol params { return to_##symbol args; }

typedef void *obj;

#define CALLS(X) \
	X(_ZN9tesseract11TessBaseAPIC1Ev, void, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPID1Ev, void, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI3EndEv, void, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI5ClearEv, void, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI20ClearPersistentCacheEv, void, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI7VersionEv, const char *, (void), ()) \
	X(_ZN9tesseract11TessBaseAPI11GetDatapathEv, const char *, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI4InitEPKcS2_NS_13OcrEngineModeEPPciPKSt6vectorINSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEESaISC_EESG_b, \
	  int, (obj a, const char *path, const char *language, int mode, char **configs, int n, const void *names, const void *values, _Bool only), \
	  (a, path, language, mode, configs, n, names, values, only)) \
	X(_ZN9tesseract11TessBaseAPI11SetVariableEPKcS2_, _Bool, (obj a, const char *name, const char *value), (a, name, value)) \
	X(_ZN9tesseract11TessBaseAPI14SetPageSegModeENS_11PageSegModeE, void, (obj a, int mode), (a, mode)) \
	X(_ZNK9tesseract11TessBaseAPI14GetPageSegModeEv, int, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI8SetImageEP3Pix, void, (obj a, void *pix), (a, pix)) \
	X(_ZN9tesseract11TessBaseAPI19SetSourceResolutionEi, void, (obj a, int dpi), (a, dpi)) \
	X(_ZN9tesseract11TessBaseAPI20GetSourceYResolutionEv, int, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI9RecognizeEPNS_10ETEXT_DESCE, int, (obj a, void *monitor), (a, monitor)) \
	X(_ZN9tesseract11TessBaseAPI11GetUTF8TextEv, char *, (obj a), (a)) \
	X(_ZN9tesseract11TessBaseAPI11GetHOCRTextEi, char *, (obj a, int page), (a, page)) \
	X(_ZN9tesseract11TessBaseAPI11GetIteratorEv, obj, (obj a), (a)) \
	X(_ZNK9tesseract12PageIterator5EmptyENS_17PageIteratorLevelE, _Bool, (obj a, int level), (a, level)) \
	X(_ZNK9tesseract12PageIterator11BoundingBoxENS_17PageIteratorLevelEPiS2_S2_S2_, _Bool, \
	  (obj a, int level, int *l, int *t, int *r, int *b), (a, level, l, t, r, b)) \
	X(_ZNK9tesseract17LTRResultIterator10ConfidenceENS_17PageIteratorLevelE, float, (obj a, int level), (a, level))

CALLS(LATE)

#define FIND(symbol, result, params, args) \
	if (!(to_##symbol = (result(*) params)dlsym(library, #symbol))) \
		return "Tesseract has no " #symbol;

static void *library;

// engine_open loads the library, once. It returns NULL, or what is wrong.
const char *engine_open(void) {
	if (library)
		return NULL;
	library = dlopen("libtesseract.so.5", RTLD_NOW | RTLD_GLOBAL);
	if (!library)
		return dlerror();
	CALLS(FIND)
	return NULL;
}

// engine_function returns a function of the library by its name, NULL if it has none such.
void *engine_function(const char *name) { return library ? dlsym(library, name) : NULL; }

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>
#include <ZXing/ZXVersion.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sstream>
#include <vector>

#include "shim.h"

using namespace ZXing;

static const char *name(BarcodeFormat f) {
	switch (f) {
	case BarcodeFormat::QRCode: return "QR";
	case BarcodeFormat::Code128: return "Code 128";
	default: return "";
	}
}

using Pixels = std::unique_ptr<unsigned char[]>;

struct Free {
	void operator()(unsigned char *p) const { free(p); }
};

// What the library reads on one image. QR codes are looked for in black and white alone,
// which are made here, and only if there is what each of them has.
static Results in_one(const unsigned char *pixels, int w, int h, int stride, DecodeHints hints) {
	hints.setTryDownscale(false);
	std::unique_ptr<unsigned char[], Free> levels(sohoa_levels(pixels, w, h, stride));
	if (!levels) return ReadBarcodes(ImageView(pixels, w, h, ImageFormat::Lum, stride), hints);
	if (!sohoa_finders(levels.get(), pixels, w, h, stride)) return {};
	Pixels black(new unsigned char[(size_t)w * h]);
	if (!sohoa_black(black.get(), levels.get(), pixels, w, h, stride)) throw std::bad_alloc();
	return ReadBarcodes(ImageView(black.get(), w, h, ImageFormat::Lum), hints.setBinarizer(Binarizer::BoolCast));
}

// ReadBarcodes of the library (1.4) with QR codes, which looks at an image and then at ever
// smaller ones.
static Results in_all(const unsigned char *pixels, int width, int height, int stride, DecodeHints hints) {
	std::vector<Pixels> smaller;
	Results results;
	int most = hints.maxNumberOfSymbols();
	for (int w = width, h = height;;) {
		for (Result &r : in_one(pixels, w, h, stride, hints.setMaxNumberOfSymbols(most))) {
			Position p = r.position();
			for (auto &corner : p) corner = (width / w) * corner;
			if (w != width) r.setPosition(p);
			if (std::find(results.begin(), results.end(), r) != results.end()) continue;
			results.push_back(std::move(r));
			most--;
		}
		if (most <= 0 || std::min(w, h) <= hints.downscaleThreshold()) return results;
		smaller.emplace_back(new unsigned char[(size_t)(w / 3) * (h / 3)]);
		if (!sohoa_third(smaller.back().get(), pixels, w, h, stride)) throw std::bad_alloc();
		pixels = smaller.back().get(), w /= 3, h /= 3, stride = w;
	}
}

// A line a code: format, the eight co-ordinates of its corners, its text in
// hexadecimal, so that no text can break the line.
char *sohoa_codes(const unsigned char *pixels, int width, int height, int stride, int formats) {
	try {
		DecodeHints hints;
		BarcodeFormats wanted;
		if (formats & SOHOA_QR) wanted |= BarcodeFormat::QRCode;
		if (formats & SOHOA_LINEAR) wanted |= BarcodeFormat::Code128;
		hints.setFormats(wanted).setTryHarder(true).setTryRotate(formats & SOHOA_QR).setTryDownscale(formats & SOHOA_QR);
		hints.setMinLineCount(3);
		std::ostringstream out;
		static const char digits[] = "0123456789abcdef";
		// Another version may see black and white otherwise, or look at other sizes.
		bool ours = ZXING_VERSION_MAJOR == 1 && ZXING_VERSION_MINOR == 4 && formats == SOHOA_QR && hints.downscaleFactor() == 3;
		for (const Result &r : ours ? in_all(pixels, width, height, stride, hints)
		                            : ReadBarcodes(ImageView(pixels, width, height, ImageFormat::Lum, stride), hints)) {
			if (!r.isValid()) continue;
			out << name(r.format());
			for (int i = 0; i < 4; i++) out << '\t' << r.position()[i].x << '\t' << r.position()[i].y;
			out << '\t';
			for (unsigned char c : r.text()) out << digits[c >> 4] << digits[c & 15];
			out << '\n';
		}
		return strdup(out.str().c_str());
	} catch (...) {
		return nullptr; // out of memory, or an image the library stumbles over
	}
}

#define ZX_USE_UTF8 1
#include <ZXing/ReadBarcode.h>

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "shim.h"

using namespace ZXing;

static const char *name(BarcodeFormat f) {
	switch (f) {
	case BarcodeFormat::QRCode: return "QR";
	case BarcodeFormat::Code128: return "Code 128";
	default: return "";
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
		for (const Result &r : ReadBarcodes(ImageView(pixels, width, height, ImageFormat::Lum, stride), hints)) {
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

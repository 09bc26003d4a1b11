package inspect

import "github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

// usualGamma reports whether calibrated colours (ISO 32000-1, 8.6.5.2 and
// 8.6.5.3) are about as bright as those of sRGB, so that a picture in them looks
// the same as grey or RGB. Without a gamma they are linear, and look far darker.
func (f *File) usualGamma(o types.Object) bool {
	const least, most = 1.8, 2.6
	gamma := f.resolve(plainKeys(dictOf(f.resolve(o)))["Gamma"])
	all, ok := gamma.(types.Array)
	if !ok {
		all = types.Array{gamma}
	}
	for _, v := range all {
		if g, ok := number(f.resolve(v)); !ok || g < least || g > most {
			return false
		}
	}
	return true
}

package inspect

import (
	"math"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

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

// sRGB are its primaries as a CalRGB space tells them: for a white of D65, and
// for one of D50.
var sRGB = [2][9]float64{
	{0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505},
	{0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141},
}

// usualPrimaries reports whether a CalRGB space has about the primaries of sRGB.
// Without a matrix it has those of XYZ, and looks of other colours.
func (f *File) usualPrimaries(o types.Object) bool {
	const off = 0.05
	matrix, _ := f.resolve(plainKeys(dictOf(f.resolve(o)))["Matrix"]).(types.Array)
	for _, want := range sRGB {
		same := len(matrix) == len(want)
		for i, w := range want {
			if same {
				v, ok := number(f.resolve(matrix[i]))
				same = ok && math.Abs(v-w) <= off
			}
		}
		if same {
			return true
		}
	}
	return false
}

package inspect

import (
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

func TestOnlyUsualGammasAreCarriedOver(t *testing.T) {
	f := &File{ctx: &model.Context{XRefTable: &model.XRefTable{}}}
	of := func(v ...float64) types.Array {
		a := types.Array{}
		for _, x := range v {
			a = append(a, types.Float(x))
		}
		return a
	}
	for _, c := range []struct {
		space types.Array
		want  int
	}{
		{types.Array{types.Name("CalGray"), types.Dict{"Gamma": types.Float(2.2)}}, 1},
		{types.Array{types.Name("CalGray"), types.Dict{}}, 0}, // linear
		{types.Array{types.Name("CalGray")}, 0},
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": of(2.2, 2.2, 1.8), "Matrix": of(sRGB[0][:]...)}}, 3},
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": of(2.2, 2.2, 1.8), "Matrix": of(sRGB[1][:]...)}}, 3},
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": of(2.2, 2.2, 1.8), "Matrix": of(1, 0, 0, 0, 1, 0, 0, 0, 1)}}, 0},
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": of(2.2, 2.2, 1.8)}}, 0}, // the primaries of XYZ
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": of(2.2, 2.2, 1), "Matrix": of(sRGB[0][:]...)}}, 0},
		{types.Array{types.Name("CalRGB"), types.Dict{"Gamma": types.Name("x")}}, 0},
		{types.Array{types.Name("DeviceRGB")}, 3},
	} {
		if got := f.components(c.space, 0); got != c.want {
			t.Errorf("%v: %d, not %d", c.space, got, c.want)
		}
	}
}

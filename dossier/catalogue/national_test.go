package catalogue

import (
	"slices"
	"strings"
	"testing"

	"sohoa/dossier"
)

func toldHouse() House {
	return House{Kinds: map[dossier.KindCode]dossier.Kind{"DDN": {Code: "DDN"}, "ANH": {Code: "ANH"}, "KQ.1": {Code: "KQ.1"}},
		Procedures: map[dossier.ProcedureCode]dossier.Procedure{
			"1.1": {Code: "1.1", Name: "Xác nhận", Field: "Hộ tịch", Level: dossier.Full, Days: 5, ResultKind: "KQ.1", Tiers: []dossier.Tier{dossier.Commune}, Components: []dossier.Component{
				{Slot: "TP01", Kind: "DDN", Name: "Đơn đề nghị", Required: true, Digitise: true}, {Slot: "TP03", Kind: "ANH", Name: "Ảnh thẻ", Digitise: false}}},
			"9.9": {Code: "9.9", Name: "Của tỉnh", Level: dossier.Info},
			"8.8": {Code: "8.8", Name: "Mẫu", Level: dossier.Info, Demo: true},
		}}
}

func toldSame() Told {
	return Told{Code: "1.1", Name: "Xác nhận", Field: "Hộ tịch", Tiers: []string{"3"}, Days: "5",
		Papers: []ToldPaper{{Code: "DDN", Name: "Đơn đề nghị", Required: true}, {Name: "Ảnh thẻ"}}, Results: []ToldPaper{{Code: "KQ.1", Name: "Giấy"}}}
}

const toldDay = "2026-11-20"

// Each way in which the national database tells otherwise than the house is one
// difference, with what it is, and nothing else is.
func TestCompareNational(t *testing.T) {
	alter := func(f func(*Told)) Told { x := toldSame(); f(&x); return x }
	for why, x := range map[string]struct {
		told   Told
		what   string
		fields string
	}{
		"the same":            {toldSame(), "", ""},
		"renamed":             {alter(func(x *Told) { x.Name = "Xác nhận (sửa đổi)" }), NationalChanged, "name"},
		"fewer days":          {alter(func(x *Told) { x.Days = "3" }), NationalChanged, "days"},
		"no days told":        {alter(func(x *Told) { x.Days = "" }), "", ""},
		"a component removed": {alter(func(x *Told) { x.Papers = x.Papers[:1] }), NationalChanged, "components"},
		"no component told":   {alter(func(x *Told) { x.Papers = nil }), "", ""},
		"a component more":    {alter(func(x *Told) { x.Papers = append(x.Papers, ToldPaper{Code: "CC", Name: "Căn cước"}) }), NationalChanged, "components"},
		"another result":      {alter(func(x *Told) { x.Results[0].Code = "KQ.2" }), NationalChanged, "resultKind"},
		"ended":               {alter(func(x *Told) { x.Ended = true }), NationalEnded, "level"},
		"ended, and renamed":  {alter(func(x *Told) { x.Ended, x.Name, x.Papers, x.Days = true, "Khác", x.Papers[:1], "9" }), NationalEnded, "level"},
		"listed no longer":    {Told{Code: "1.1", Name: "x", Gone: true}, NationalEnded, "level"},
		"new":                 {Told{Code: "1.2", Name: "Mới", Level: "toàn trình", Papers: []ToldPaper{{Code: "CC", Name: "Căn cước", Required: true}}}, NationalAdded, ""},
		"new, no level":       {Told{Code: "1.2", Name: "Mới"}, NationalOdd, ""},
		"ended, never here":   {Told{Code: "1.3", Name: "Cũ", Ended: true}, "", ""},
		"a demonstration's":   {Told{Code: "8.8", Name: "Khác", Level: "toàn trình"}, "", ""},
		"markup":              {alter(func(x *Told) { x.Name = "<script>alert(1)</script>" }), NationalChanged, "name"}, // escaped where it is shown
		"a formula":           {alter(func(x *Told) { x.Name = `=HYPERLINK("x")` }), NationalOdd, ""},
		"a control letter":    {alter(func(x *Told) { x.Name = "Xác\x00nhận" }), NationalOdd, ""},
		"too long":            {alter(func(x *Told) { x.Name = strings.Repeat("x", 2000) }), NationalOdd, ""},
		"a bar in a paper":    {alter(func(x *Told) { x.Papers[0].Name = "Đơn|1|1" }), NationalOdd, ""},
		"a line in a paper":   {alter(func(x *Told) { x.Papers[0].Name = "Đơn đề nghị\nTP09|DDN|Thêm|1|1" }), NationalOdd, ""},
		"days of a poet":      {alter(func(x *Told) { x.Days = "nhiều" }), NationalOdd, ""},
		"a code of a poet":    {alter(func(x *Told) { x.Papers[0].Code = "../x" }), NationalOdd, ""},
	} {
		h := toldHouse()
		got := CompareNational([]Told{x.told}, h, toldDay)
		if x.what == "" {
			if len(got) != 0 {
				t.Errorf("%s: %+v", why, got)
			}
			continue
		}
		if len(got) != 1 || got[0].What != x.what {
			t.Errorf("%s: %+v, want %s", why, got, x.what)
			continue
		}
		var fields []string
		for _, f := range got[0].Fields {
			fields = append(fields, f.Field)
		}
		if strings.Join(fields, " ") != x.fields && x.what != NationalOdd {
			t.Errorf("%s: fields %v, want %s", why, fields, x.fields)
		}
		if (x.what == NationalOdd) == (got[0].Order.Code != "") || (x.what == NationalOdd) != (len(got[0].Problems) > 0) {
			t.Errorf("%s: ordered %+v, %+v", why, got[0].Order, got[0].Problems)
		}
		if x.what != NationalOdd && got[0].Order.Code != "" {
			h.Procedures[x.told.Code] = got[0].Order.Procedure
			h.ProcedureSpans = map[dossier.ProcedureCode][]dossier.ProcedureSpan{x.told.Code: got[0].Order.Spans}
			for _, k := range got[0].Kinds {
				h.Kinds[k.Code] = k
			}
			if again := CompareNational([]Told{x.told}, h, toldDay); len(again) != 0 {
				t.Errorf("%s: done, and told again: %+v", why, again)
			}
		}
	}
}

// A paper keeps its place and whether it is digitised; a new one gets a place that was
// never another's, and the kind that it names is made.
func TestNationalComponents(t *testing.T) {
	told := toldSame()
	told.Papers = []ToldPaper{{Code: "CC", Name: "Căn cước"}, {Name: "ẢNH THẺ"}, {Code: "DDN", Name: "Đơn (mẫu mới)", Required: true}}
	d := CompareNational([]Told{told}, toldHouse(), toldDay)[0]
	want := []dossier.Component{{Slot: "TP02", Kind: "CC", Name: "Căn cước", Digitise: true}, {Slot: "TP03", Kind: "ANH", Name: "ẢNH THẺ"},
		{Slot: "TP01", Kind: "DDN", Name: "Đơn (mẫu mới)", Required: true, Digitise: true}}
	if !slices.Equal(d.Order.Components, want) || len(d.Kinds) != 1 || d.Kinds[0].Code != "CC" {
		t.Errorf("%+v %+v", d.Order.Components, d.Kinds)
	}
	other := CompareNational([]Told{told}, toldHouse(), "2026-12-31")[0]
	if other.Sum != d.Sum {
		t.Error("the sum of a difference is another on another day")
	}
	told.Name = "Khác"
	if CompareNational([]Told{told}, toldHouse(), toldDay)[0].Sum == d.Sum {
		t.Error("another difference has the same sum")
	}
}

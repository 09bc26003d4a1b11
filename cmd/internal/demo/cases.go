package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"sohoa/dossier"
	"sohoa/specimen"
	"sohoa/web/clicker"
)

// A Case is one dossier of the demonstration and the papers it gets.
type Case struct {
	Open     clicker.NewDossier
	Papers   []Paper
	Result   *Paper // the agency decides and issues this
	Resolved bool   // the agency decides; its result is not scanned yet
	Back     *Visit // the holder comes back, and a paper is used again
}

// A Visit is a holder's second dossier, for which a paper is held already.
type Visit struct {
	Open  clicker.NewDossier
	Slot  dossier.SlotCode // filled with what is held
	Paper Paper            // for the slot that is not
}

// A Paper is a scan on its way to a slot.
type Paper struct {
	Slot dossier.SlotCode
	Make func() (specimen.File, error)
	Bad  bool // the door is expected to refuse it
}

// looks are the ways in which scanners and copiers hand paper over.
var looks = []struct {
	format specimen.Format
	dpi    float64
	wear   func(seed uint64) specimen.Wear
}{
	{specimen.JPEG, 200, specimen.Office},
	{specimen.TIFFG4, 300, specimen.BlackWhite},
	{specimen.JPEG, 300, specimen.Office},
	{specimen.PNG, 200, func(uint64) specimen.Wear { return specimen.Clean() }},
	{specimen.PDF, 200, specimen.Office},
	{specimen.JPEG, 200, specimen.Old},
	{specimen.TIFFJPEG, 200, specimen.Office},
}

// shapes says which kind of specimen a slot of a procedure gets, and how many
// pages at least.
var shapes = map[dossier.KindCode]struct {
	kind  specimen.Kind
	pages int
}{
	"DDN": {specimen.Application, 1},
	"GKS": {specimen.BirthExtract, 1},
	"GCN": {specimen.Certificate, 1},
	"GP":  {specimen.Licence, 1},
	"HD":  {specimen.Contract, 2},
	"BB":  {specimen.Minutes, 2},
	"QD":  {specimen.Decision, 1},
	"XN":  {specimen.Residence, 1},
}

var (
	families = []string{"Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Lý", "Nông", "Ma", "Triệu"}
	middles  = []string{"Thị", "Văn", "Đức", "Minh", "Hữu", "Ngọc", "Thúy", "Quỳnh"}
	givens   = []string{"Nghĩa", "Hạnh", "Dũng", "Phượng", "Khuê", "Vỹ", "Trĩ", "Ngoãn", "Bảo", "Huệ", "Tuấn", "Yến", "Lĩnh", "Sĩ"}
)

// Cases makes n cases of the made-up province from a seed. Most are complete;
// some lack a paper or a result, one paper is blank, one file cannot be taken,
// and some holders come back.
func Cases(press *specimen.Press, n int, seed uint64, now time.Time) []Case {
	rnd := rand.New(rand.NewPCG(seed, 99))
	counters := agencies[1:]
	var cases []Case
	for i := range n {
		p := procedures[i%len(procedures)]
		at := counters[rnd.IntN(len(counters))]
		c := Case{Open: clicker.NewDossier{Procedure: p.Code, Receiving: at.Code, Competent: at.Code,
			HolderNumber: number(rnd), HolderName: name(rnd), Channel: dossier.Direct}}
		for k, slot := range p.Slots() {
			missing := i%9 == 5 && k == len(p.Components)-1
			if !slot.Digitise || missing || !slot.Required && slot.Slot != dossier.ResultSlot && i%2 == 0 {
				continue
			}
			paper := paper(press, rnd, c.Open, at, slot, now)
			if slot.Slot != dossier.ResultSlot {
				c.Papers = append(c.Papers, paper)
			} else if decided := i%4 != 3 && i%9 != 5; decided {
				c.Resolved = true
				if i%7 != 6 {
					c.Result = &paper
				}
			}
		}
		cases = append(cases, c)
	}
	oddities(cases)
	comeBack(press, rnd, cases, now)
	return cases
}

// oddities spoils two cases as life does: a paper scanned with its wrong side,
// and a file that is not what its name says.
func oddities(cases []Case) {
	if len(cases) < 4 {
		return
	}
	slot := cases[2].Papers[0].Slot
	cases[2].Papers = append([]Paper{{Slot: slot, Bad: true, Make: func() (specimen.File, error) {
		return specimen.File{Name: "giay-to.pdf", Media: "application/pdf", Bytes: []byte("Đây là văn bản thuần, không phải PDF.\n")}, nil
	}}}, cases[2].Papers...)
	cases[3].Papers[0].Make = func() (specimen.File, error) {
		blank := specimen.Sheet{Pages: make([]specimen.Page, 1)}
		return blank.File(specimen.JPEG, 200, specimen.Office(3), 3)
	}
	cases[3].Result, cases[3].Resolved = nil, false
}

// comeBack sends holders of birth certificates back for a confirmation of
// residence, which asks for the paper that is held by then.
func comeBack(press *specimen.Press, rnd *rand.Rand, cases []Case, now time.Time) {
	for i := range cases {
		c := &cases[i]
		if c.Open.Procedure != "9.000101" || c.Result == nil || i%2 == 1 {
			continue
		}
		again := c.Open
		again.Procedure = "9.000104"
		c.Back = &Visit{Open: again, Slot: "TP02",
			Paper: paper(press, rnd, again, agencyOf(again.Receiving), asked("TP01", "DDN", ""), now)}
	}
}

func agencyOf(code dossier.AgencyCode) dossier.Agency {
	for _, a := range agencies {
		if a.Code == code {
			return a
		}
	}
	return dossier.Agency{}
}

func paper(press *specimen.Press, rnd *rand.Rand, open clicker.NewDossier, at dossier.Agency, slot dossier.Component, now time.Time) Paper {
	shape, look, seed := shapes[slot.Kind], looks[rnd.IntN(len(looks))], rnd.Uint64()
	about := specimen.About{Agency: at.Name, Parent: "-", Holder: open.HolderName, HolderNumber: open.HolderNumber,
		Date: now.AddDate(0, 0, -rnd.IntN(300)), Pages: shape.pages}
	if at.Tier == dossier.Commune {
		about.Parent = agencies[0].Name
	}
	return Paper{Slot: slot.Slot, Make: func() (specimen.File, error) {
		sheet, format := press.Paper(shape.kind, seed, about), look.format
		if len(sheet.Pages) > 1 && (format == specimen.JPEG || format == specimen.PNG) {
			format = specimen.TIFFJPEG // those hold one page
		}
		return sheet.File(format, look.dpi, look.wear(seed), seed)
	}}
}

// number invents a personal identifier: province, century and sex, year, serial.
// 099 is no province.
func number(rnd *rand.Rand) string {
	return fmt.Sprintf("099%d%02d%06d", rnd.IntN(2), 50+rnd.IntN(50), rnd.IntN(1_000_000))
}

func name(rnd *rand.Rand) string {
	pick := func(list []string) string { return list[rnd.IntN(len(list))] }
	return pick(families) + " " + pick(middles) + " " + pick(givens)
}

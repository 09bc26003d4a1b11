// Package provinces ranks what provinces publish of a figure over periods, by
// the map of 63 provinces and, once their dossiers are told under the merged
// ones, of 34. It takes what was published and judges none of it.
package provinces

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// A Value is what one province published of one period. Rate is in hundredths
// of a per cent; without numerator and denominator (both 0) it is all there is,
// and cannot be added to another's.
type Value struct {
	Period   string // as it was published: 2024-Q1, 2026-05, 2023
	Province dossier.AgencyCode
	Name     string
	Rate     figures.Rate
	Percent  int
	Source   string // where it was published
}

// head is the first line of a file.
var head = []string{"period", "code", "province", "numerator", "denominator", "percent", "source"}

// Read reads lines period,code,province,numerator,denominator,percent,source
// under a line that says so. A province twice in a period, a line without a
// source, or a rate that its own numerator and denominator do not give wraps
// [dossier.ErrInvalid] with the line.
func Read(r io.Reader) ([]Value, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.Comment, in.TrimLeadingSpace = len(head), '#', true
	first, err := in.Read()
	if err != nil || !slices.Equal(first, head) {
		return nil, fmt.Errorf("%w: the first line must be %s", dossier.ErrInvalid, strings.Join(head, ","))
	}
	var out []Value
	seen := map[string]bool{}
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", dossier.ErrInvalid, err)
		}
		line, _ := in.FieldPos(0)
		v, err := value(cells)
		if key := v.Period + " " + string(v.Province); err == nil && seen[key] {
			err = fmt.Errorf("%s stands there twice", key)
		} else {
			seen[key] = true
		}
		if err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", dossier.ErrInvalid, line, err)
		}
		out = append(out, v)
	}
}

func value(cells []string) (v Value, err error) {
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	v = Value{Period: cells[0], Province: dossier.AgencyCode(cells[1]), Name: cells[2], Source: cells[6]}
	if v.Period == "" || v.Name == "" || v.Source == "" {
		return v, errors.New("period, province and source must be told")
	}
	if err := dossier.CheckAgencyCode(v.Province); err != nil {
		return v, err
	}
	if (cells[3] == "") != (cells[4] == "") {
		return v, errors.New("a numerator without a denominator, or the other way round")
	}
	if cells[3] != "" {
		n, err1 := strconv.Atoi(cells[3])
		d, err2 := strconv.Atoi(cells[4])
		if errors.Join(err1, err2) != nil || n < 0 || d < n || d == 0 {
			return v, fmt.Errorf("%s of %s is no rate", cells[3], cells[4])
		}
		v.Rate = figures.Rate{Numerator: n, Denominator: d}
	}
	return v, v.percent(cells[5])
}

// percent reads the published rate, or has it from numerator and denominator.
func (v *Value) percent(s string) error {
	if s == "" {
		if v.Rate.Denominator == 0 {
			return errors.New("neither a rate nor what it is made of")
		}
		v.Percent = hundredths(v.Rate)
		return nil
	}
	f, ok := new(big.Rat).SetString(strings.Replace(s, ",", ".", 1))
	if !ok || f.Sign() < 0 || f.Cmp(big.NewRat(100, 1)) > 0 {
		return fmt.Errorf("%q is no per cent", s)
	}
	scaled := new(big.Rat).Mul(f, big.NewRat(100, 1))
	if !scaled.IsInt() {
		return fmt.Errorf("%q has more than two decimals", s)
	}
	v.Percent = int(scaled.Num().Int64())
	if d := hundredths(v.Rate) - v.Percent; v.Rate.Denominator > 0 && (d < -5 || d > 5) {
		return fmt.Errorf("%d of %d is not %s %%", v.Rate.Numerator, v.Rate.Denominator, s)
	}
	return nil
}

func hundredths(r figures.Rate) int {
	if r.Denominator == 0 {
		return 0
	}
	return int((2*int64(r.Numerator)*10000 + int64(r.Denominator)) / (2 * int64(r.Denominator)))
}

// A Place is a province in its place in a period: those with the same rate share
// one.
type Place struct {
	Period string
	Place  int
	Of     int // how many provinces were ranked
	Moved  int // places up since the period before that it was ranked in; 0: none, or the first
	Value  Value
}

// Ranking ranks the provinces of each period, as m has them: the periods in
// their order, the higher rate first. A province that is merged of some that
// published no numerator is left out and named in missing: rates cannot be added.
func Ranking(all []Value, m figures.Map) (out []Place, missing []string) {
	by := map[string]map[dossier.AgencyCode]*Value{}
	names, short := map[dossier.AgencyCode]string{}, map[string]bool{}
	for _, v := range all {
		if m.Of(v.Province) == v.Province {
			names[v.Province] = v.Name
		}
	}
	for _, v := range all {
		to := m.Of(v.Province)
		if by[v.Period] == nil {
			by[v.Period] = map[dossier.AgencyCode]*Value{}
		}
		was := by[v.Period][to]
		if was == nil {
			v.Province, v.Name = to, cmp.Or(names[to], v.Name)
			by[v.Period][to] = &v
			continue
		}
		if was.Rate.Denominator == 0 || v.Rate.Denominator == 0 {
			short[v.Period+" "+string(to)] = true
		}
		was.Rate.Numerator, was.Rate.Denominator = was.Rate.Numerator+v.Rate.Numerator, was.Rate.Denominator+v.Rate.Denominator
		was.Percent, was.Source = hundredths(was.Rate), was.Source+"; "+v.Source
	}
	var periods []string
	for p := range by {
		periods = append(periods, p)
	}
	slices.Sort(periods)
	last := map[dossier.AgencyCode]int{}
	for _, p := range periods {
		var list []Value
		for _, v := range by[p] {
			if key := p + " " + string(v.Province); short[key] {
				missing = append(missing, key)
				continue
			}
			list = append(list, *v)
		}
		out = append(out, places(p, list, last)...)
	}
	slices.Sort(missing)
	return out, missing
}

func places(period string, list []Value, last map[dossier.AgencyCode]int) (out []Place) {
	slices.SortFunc(list, func(a, b Value) int {
		return cmp.Or(cmp.Compare(b.Percent, a.Percent), strings.Compare(string(a.Province), string(b.Province)))
	})
	for i, v := range list {
		x := Place{Period: period, Place: i + 1, Of: len(list), Value: v}
		if i > 0 && list[i-1].Percent == v.Percent {
			x.Place = out[i-1].Place
		}
		if was := last[v.Province]; was > 0 {
			x.Moved = was - x.Place
		}
		last[v.Province] = x.Place
		out = append(out, x)
	}
	return out
}

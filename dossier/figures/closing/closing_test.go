package closing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/figures"
)

// filled sets every member of v that can be, so that nothing is left out.
func filled(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			filled(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			filled(v.Index(i))
		}
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for _, key := range []string{"z", "a"} {
			m.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), reflect.ValueOf(7).Convert(v.Type().Elem()))
		}
		v.Set(m)
	case reflect.String:
		v.SetString(`Đ <&> "x" \ é`)
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(12345678901)
	}
}

// What is written is JSON as RFC 8785 has it: written anew by way of maps, whose
// members encoding/json sorts, it is the same.
func TestCanonical(t *testing.T) {
	for _, v := range []any{&Statement{}, &frozen{}} {
		filled(reflect.ValueOf(v).Elem())
		b := canonical(reflect.ValueOf(v).Elem().Interface())
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		var any map[string]any
		if err := d.Decode(&any); err != nil {
			t.Fatal(err)
		}
		var again bytes.Buffer
		enc := json.NewEncoder(&again)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(any); err != nil || again.String() != string(b)+"\n" {
			n := 0
			for n < min(len(b), again.Len()) && b[n] == again.Bytes()[n] {
				n++
			}
			t.Errorf("%T is written as …%.60s, sorted it is …%.60s", v, b[max(0, n-20):], again.Bytes()[max(0, n-20):])
		}
	}
}

// A statement comes back from its bytes, and so do facts.
func TestReadBack(t *testing.T) {
	var s, s2 Statement
	filled(reflect.ValueOf(&s).Elem())
	s2, err := Read(s.Bytes())
	if err != nil || !reflect.DeepEqual(s, s2) {
		t.Errorf("%+v, %v\nwant %+v", s2, err, s)
	}
	at := time.Date(2026, 5, 3, 8, 0, 0, 0, dossier.VietNam)
	facts := []figures.Fact{{Dossier: "a", Procedure: "p", Receiving: "H1", Competent: "H2", Received: at, Due: at.AddDate(0, 0, 1), Resolved: at.AddDate(0, 0, 2),
		Channel: dossier.Online, Attached: 1, ToDigitise: 2, Digitised: 3, Reused: 4, ResultIsDocument: true, ResultDigitised: true, Demo: true}, {Dossier: "b", Received: at}}
	catalog := []dossier.Procedure{{Code: "p", Level: dossier.Full, ResultKind: anyKind, Components: []dossier.Component{{Slot: "T1", Required: true, Digitise: true}, {Slot: "T2"}}}, {Code: "q"}}
	kept, err := thaw(canonical(frozenOf("2026-05", facts, catalog)))
	if err != nil {
		t.Fatal(err)
	}
	back, procedures := kept.unpack()
	if !reflect.DeepEqual(back, facts) || !reflect.DeepEqual(kept.catalog(), catalog) || len(procedures) != 2 || procedures[0].Level != dossier.Full {
		t.Errorf("facts %+v, catalogue %+v", back, kept.catalog())
	}
}

func TestMonths(t *testing.T) {
	for _, s := range []string{"", "2026", "2026-13", "2026-5", "1999-01", "2026-05-01", "2026-05 "} {
		if m, err := ParseMonth(s); !errors.Is(err, dossier.ErrInvalid) {
			t.Errorf("%q is %q, %v", s, m, err)
		}
	}
	if m, err := ParseMonth("2026-12"); err != nil || m.Next() != "2027-01" || m.Period() != figures.Month(2026, 12) {
		t.Errorf("%q, %v, then %q", m, err, m.Next())
	}
	for day, want := range map[string]string{"2020-06-01": "0001-01-01", "2021-06-01": "2021-01-01", "2022-08-10": "2022-08-01", "2022-09-01": "2022-08-15", "2026-07-01": "2026-07-01"} {
		at, err := time.ParseInLocation(time.DateOnly, day, dossier.VietNam)
		if err != nil {
			t.Fatal(err)
		}
		if got := figures.RulesSince(at).Format(time.DateOnly); got != want {
			t.Errorf("the rules of %s are in force since %s, want %s", day, got, want)
		}
	}
}

// empty is a house without dossiers.
type empty struct{ Rows }

func (empty) Closings(context.Context, Month) ([]Closing, error)         { return nil, nil }
func (empty) AddClosing(_ context.Context, c Closing) (Closing, error)   { return c, nil }
func (empty) NumberEvents(context.Context) (int64, error)                { return 5, nil }
func (empty) Procedures(context.Context) ([]dossier.Procedure, error)    { return nil, nil }
func (empty) FactsAt(context.Context, Recount) (Recounted, error)        { return Recounted{}, nil }
func (empty) Put(context.Context, digest.Digest, int64, io.Reader) error { return nil }
func (empty) Open(context.Context, digest.Digest) (io.ReadCloser, error) { return nil, io.EOF }

// A month ends at midnight in Viet Nam.
func TestEndOfMonth(t *testing.T) {
	midnight := time.Date(2026, 6, 1, 0, 0, 0, 0, dossier.VietNam)
	for at, ok := range map[time.Time]bool{midnight: true, midnight.UTC(): true, midnight.Add(-time.Millisecond): false} {
		b := Books{Rows: empty{}, Files: empty{}, Now: func() time.Time { return at }}
		if _, err := b.Close(t.Context(), "2026-05", "chief"); (err == nil) != ok || !ok && !errors.Is(err, dossier.ErrForbidden) {
			t.Errorf("closed at %s: %v", at, err)
		}
	}
}

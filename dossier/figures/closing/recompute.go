package closing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/digest"
)

// A Verdict is what counting a closed month again came to.
type Verdict struct {
	Closing Closing

	// Same: the facts and the statement, counted again, are the bytes that were
	// kept.
	Same bool

	// Differs is everything that is not as it was, also where the bytes are the
	// same: rows changed past the program. It is empty if all holds.
	Differs []Difference
}

// Recompute counts a version of a closed month again, from the rows and the
// ledger as they stood at the event up to which it was counted, by the rules of
// its time as this program has them; version 0 is the newest. It writes nothing
// but places of events that had none.
func (b *Books) Recompute(ctx context.Context, m Month, version int) (Verdict, error) {
	v, err := b.recompute(ctx, m, version)
	if err != nil {
		return v, fmt.Errorf("count %s again: %w", m, err)
	}
	return v, nil
}

func (b *Books) recompute(ctx context.Context, m Month, version int) (v Verdict, err error) {
	if v.Closing, err = b.version(ctx, m, version); err != nil {
		return v, err
	}
	c := v.Closing
	statement, err := b.read(ctx, c.Statement)
	if err != nil {
		return v, err
	}
	facts, err := b.read(ctx, c.Facts)
	if err != nil {
		return v, err
	}
	was, err := Read(statement)
	if err != nil {
		return v, fmt.Errorf("statement %s: %w", c.Statement, err)
	}
	kept, err := thaw(facts)
	if err != nil {
		return v, fmt.Errorf("facts %s: %w", c.Facts, err)
	}
	if _, err := b.Rows.NumberEvents(ctx); err != nil {
		return v, err
	}
	is, err := b.Rows.FactsAt(ctx, Recount{Period: m.Period(), Counted: c.Counted, Catalog: kept.catalog(), Also: kept.codes()})
	if err != nil {
		return v, err
	}
	now := frozenOf(m, of(is.Facts, was.Demo), kept.catalog())
	again := Statement{Month: m, Version: c.Version, Demo: c.Demo, Reason: was.Reason, Replaces: was.Replaces}
	if again.Late, err = b.lateAgain(ctx, &v, kept.catalog()); err != nil {
		return v, err
	}
	again = again.count(now, c.Counted, is.Root)
	v.Same = bytes.Equal(canonical(now), facts) && bytes.Equal(again.Bytes(), statement)
	v.Differs = slices.Concat(rowDiffers(c, was), is.Differs, v.Differs)
	v.Differs = append(append(v.Differs, factsDiffer(kept, now)...), statementsDiffer(statement, again.Bytes())...)
	if !v.Same && len(v.Differs) == 0 {
		v.Differs = []Difference{{What: "form of the facts", Was: digest.Of(facts).String(), Is: digest.Of(canonical(now)).String()}}
	}
	return v, nil
}

// lateAgain counts again what came late of earlier months. A correction has it
// from the version before it.
func (b *Books) lateAgain(ctx context.Context, v *Verdict, catalog []dossier.Procedure) ([]Late, error) {
	c := v.Closing
	if c.Version > 1 {
		text, _, err := b.Statement(ctx, c.Month, c.Version-1)
		if err != nil {
			return nil, err
		}
		before, err := Read(text)
		return before.Late, err
	}
	all, err := b.Rows.Closings(ctx, "")
	if err != nil {
		return nil, err
	}
	late, differs, err := b.late(ctx, Statement{Month: c.Month, Demo: c.Demo}, c.Counted, all, catalog)
	v.Differs = append(v.Differs, differs...)
	return late, err
}

// rowDiffers holds the row of a closing against its statement.
func rowDiffers(c Closing, s Statement) (out []Difference) {
	for _, x := range [...]Difference{
		{What: "month in the row of the closing", Was: string(s.Month), Is: string(c.Month)},
		{What: "version in the row of the closing", Was: fmt.Sprint(s.Version), Is: fmt.Sprint(c.Version)},
		{What: "events counted in the row of the closing", Was: fmt.Sprint(s.Counted), Is: fmt.Sprint(c.Counted)},
		{What: "digest of the facts in the row of the closing", Was: s.Facts, Is: c.Facts.String()},
	} {
		if x.Was != x.Is {
			out = append(out, x)
		}
	}
	return out
}

// factsDiffer names the dossiers whose facts are not the same, and the facts.
func factsDiffer(was, is frozen) (out []Difference) {
	then, now := map[dossier.Code]fact{}, map[dossier.Code]fact{}
	var codes []dossier.Code
	for _, f := range was.Facts {
		then[f.Dossier] = f
		codes = append(codes, f.Dossier)
	}
	for _, f := range is.Facts {
		if now[f.Dossier] = f; then[f.Dossier].Dossier == "" {
			codes = append(codes, f.Dossier)
		}
	}
	slices.Sort(codes)
	for _, code := range codes {
		a, counted := then[code]
		b, counts := now[code]
		switch {
		case !counts:
			out = append(out, Difference{code, "dossier", "counted", "not counted"})
		case !counted:
			out = append(out, Difference{code, "dossier", "not counted", "counted"})
		case a != b:
			out = append(out, membersDiffer(code, "", canonical(a), canonical(b))...)
		}
	}
	return out
}

// statementsDiffer names the figures that are not the same.
func statementsDiffer(was, is []byte) []Difference {
	if bytes.Equal(was, is) {
		return nil
	}
	return membersDiffer("", "statement", was, is)
}

// membersDiffer goes along two JSON values and names the members that are not the
// same. Elements of a list are named by their key or agency.
func membersDiffer(code dossier.Code, path string, was, is []byte) (out []Difference) {
	if bytes.Equal(was, is) {
		return nil
	}
	a, b := members(was), members(is)
	if a == nil || b == nil {
		return []Difference{{code, strings.TrimPrefix(path, "."), string(was), string(is)}}
	}
	var names []string
	for n := range a {
		names = append(names, n)
	}
	for n := range b {
		if _, both := a[n]; !both {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		out = append(out, membersDiffer(code, path+"."+n, a[n], b[n])...)
	}
	return out
}

// members returns the members of an object, or the elements of a list by what
// names them; nil of anything else.
func members(v []byte) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if len(v) > 0 && v[0] == '{' && json.Unmarshal(v, &object) == nil {
		return object
	}
	var list []json.RawMessage
	if len(v) == 0 || v[0] != '[' || json.Unmarshal(v, &list) != nil {
		return nil
	}
	out := map[string]json.RawMessage{}
	for i, x := range list {
		var named struct{ Key, Agency string }
		name := fmt.Sprint(i)
		if json.Unmarshal(x, &named) == nil && named.Key+named.Agency != "" {
			name = named.Key + named.Agency
		}
		out[name] = x
	}
	return out
}

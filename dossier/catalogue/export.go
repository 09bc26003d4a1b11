package catalogue

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sohoa/dossier"
)

var (
	levelOut   = map[dossier.Level]string{dossier.Full: "Toàn trình", dossier.Partial: "Một phần", dossier.Info: "Cung cấp thông tin"}
	tierOut    = map[dossier.Tier]string{dossier.Province: "Tỉnh", dossier.District: "Huyện", dossier.Commune: "Xã"}
	subjectOut = map[dossier.Subject]string{dossier.Citizen: "Công dân", dossier.Enterprise: "Doanh nghiệp", dossier.StateAgency: "Cơ quan nhà nước", dossier.Organisation: "Tổ chức"}
	channelOut = map[dossier.Channel]string{dossier.Direct: "Trực tiếp", dossier.Online: "Trực tuyến", dossier.Post: "Bưu chính"}
)

func named[T ~string](list []T, names map[T]string) string {
	var out []string
	for _, x := range list {
		out = append(out, names[x])
	}
	return strings.Join(out, "; ")
}

func slashed(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return t.Format("02/01/2006")
}

func yesOut(b bool) string {
	if b {
		return "Có"
	}
	return "Không"
}

// ExportProcedures returns the procedures of the house under the heads of
// [Procedures], as they are or last were, in today's words: what
// [PlanProcedures] of the same house and any day since reads without a change.
func ExportProcedures(h House) [][]string {
	var rows [][]string
	for _, code := range sorted(h.Procedures) {
		p, until := h.Procedures[code], ""
		if spans := h.ProcedureSpans[code]; len(spans) > 0 {
			until = spans[len(spans)-1].Until
		}
		result := ""
		if k, ok := h.Kinds[p.ResultKind]; ok {
			result = k.Name
		}
		rows = append(rows, []string{string(code), p.Name, p.Field, levelOut[p.Level], named(p.Tiers, tierOut), named(p.Subjects, subjectOut),
			strconv.Itoa(p.Days), writeComponents(p.Components), yesOut(p.ResultKind != ""), string(p.ResultKind), result, p.Retention, "", slashed(until)})
	}
	return rows
}

// ExportAgencies returns the agencies of the house under the heads of
// [Agencies], a row for each of their spans.
func ExportAgencies(h House) [][]string {
	var rows [][]string
	for _, code := range sorted(h.Agencies) {
		a := h.Agencies[code]
		spans := h.AgencySpans[code]
		if len(spans) == 0 {
			spans = []dossier.AgencySpan{{Name: a.Name, Parent: a.Parent, Tier: a.Tier}}
		}
		for _, s := range spans {
			rows = append(rows, []string{string(code), s.Name, string(s.Parent), tierOut[s.Tier], slashed(s.Since), slashed(s.Until), string(s.Successor)})
		}
	}
	return rows
}

// ExportDossiers returns dossiers under the heads of [Dossiers], by code.
func ExportDossiers(list []dossier.Dossier, holders map[dossier.HolderID]dossier.Holder, h House) [][]string {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b dossier.Dossier) int { return strings.Compare(string(a.Code), string(b.Code)) })
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(dossier.VietNam).Format("02/01/2006 15:04:05")
	}
	var rows [][]string
	for _, d := range list {
		holder, applicant := holders[d.Holder], holders[d.Applicant]
		rows = append(rows, []string{string(d.Code), string(d.Procedure), h.Procedures[d.Procedure].Name, string(d.Receiving), string(d.Competent),
			holder.Number, holder.Name, applicant.Number, applicant.Name, channelOut[d.Channel], at(d.Received), at(d.Due), at(d.Resolved)})
	}
	return rows
}

func sorted[K ~string, V any](m map[K]V) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

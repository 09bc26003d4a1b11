package web

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/figures"
)

// This file writes the parts of a page of figures of which there are thousands: what
// a template would call for each of them is most of what such a page costs.

// numberCells are the plain numbers of a row of a table. Each leads to its
// dossiers, at an address that begins with to.
func numberCells(lang, to string, f figures.Figures) template.HTML {
	var b strings.Builder
	to = template.HTMLEscapeString(to + "&number=")
	cell := func(n number, inner string) {
		b.WriteString(`<td data-name="` + template.HTMLEscapeString(say(lang, "number."+string(n))) + `"><a href="` + to + string(n) + `">` + inner + "</a></td>\n")
	}
	share := func(r figures.Rate) string {
		return "<b>" + template.HTMLEscapeString(decimals(lang, r.String())) + "</b> <small>" + strconv.Itoa(r.Numerator) + "/" + strconv.Itoa(r.Denominator) + "</small>"
	}
	cell(numReceived, strconv.Itoa(f.Received))
	cell(numDossiers, share(f.Dossiers))
	cell(numResolved, strconv.Itoa(f.Resolved))
	cell(numResults, share(f.Results))
	cell(numReused, strconv.Itoa(f.Reused))
	return template.HTML(b.String()) // all of it is escaped, or ours
}

// behind is the beginning of the address of the dossiers of a period and an agency,
// with what else is given: a number is still to be named.
func behind(span string, agency dossier.AgencyCode, more ...string) string {
	return spanAddress("/figures/dossiers", span, agency, more...)
}

// ListAddress is where the pages of a house list the dossiers behind a number of what q
// asks for, those that stand so or with "" of all: a path with its query. It is empty of
// a period that the pages do not know.
func ListAddress(q figures.CellQuery, number string, why figures.Why) string {
	key := spanKey(q.Period)
	if key == "" {
		return ""
	}
	var agency dossier.AgencyCode
	if len(q.Agencies) > 0 {
		agency = q.Agencies[0]
	}
	return behind(key, agency, "own", ticked(q.Own), "procedure", string(q.Procedure), "officer", string(q.Officer), "number", number, "why", string(why))
}

// spanAddress is the address of a page about a period and an agency, with what else is
// given and not empty.
func spanAddress(path, span string, agency dossier.AgencyCode, more ...string) string {
	to := path + "?period=" + url.QueryEscape(span)
	if agency != "" {
		to += "&agency=" + url.QueryEscape(string(agency))
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] != "" {
			to += "&" + more[i] + "=" + url.QueryEscape(more[i+1])
		}
	}
	return to
}

// heatCells are the months of an agency, each in the shade of its rate.
func (c *chartsView) heatCells(months []chartMonth, a dossier.AgencyCode) template.HTML {
	var b strings.Builder
	for _, m := range months {
		b.WriteString(`<td class="` + c.Shade(m) + `">`)
		percent, share := template.HTMLEscapeString(c.Percent(m.Rate)), c.Share(m.Rate)
		switch {
		case m.Rate.Denominator == 0:
			b.WriteString("–")
		case c.Public:
			b.WriteString(`<span title="` + share + `">` + percent + "</span>")
		default:
			b.WriteString(`<a href="` + template.HTMLEscapeString(c.BehindAgency(m.Key, a)) + `" title="` + share + `">` + percent + "</a>")
		}
		b.WriteString("</td>")
	}
	return template.HTML(b.String()) // all of it is escaped, or ours
}

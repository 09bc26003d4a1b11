package web_test

import (
	"fmt"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/dossier/project"
)

// walkV1 asks for an operation that changes something, for the crawl of all routes.
func (b *browser) walkV1(path string, code dossier.Code, d dossier.Document, fresh string) answer {
	h := b.h
	to := strings.NewReplacer("{code}", string(code), "{slot}", "TP02", "{id}", string(d.ID), "{act}", "attest", "{entry}", string(d.ID), "{proposal}", string(d.ID), "{hold}", string(d.ID)).Replace(path)
	rel := strings.TrimPrefix(to, "/api/v1")
	switch {
	case strings.HasSuffix(path, "/documents"):
		return b.upload(to, "a.jpg", []byte("giấy "+fresh), "")
	case path == "/api/v1/batches":
		return b.upload(to, "a.tif", []byte("lô "+fresh), "")
	case path == "/api/v1/verify":
		return b.upload(to, "a.pdf", []byte("%PDF"), "")
	case path == "/api/v1/dossiers":
		return b.asks("POST", rel, newCase())
	case strings.HasSuffix(path, "/decision"):
		return b.asks("POST", rel, obj{"decision": "copy"})
	case strings.HasSuffix(path, "/slots/{slot}/reuse"):
		return b.asks("POST", rel, obj{"entry": string(d.ID)})
	case strings.HasSuffix(path, "/handed-on"):
		h.as("p-counter").asks("POST", "/dossiers/"+string(code)+"/slots/TP02/decision", obj{"decision": "copy"})
	case strings.HasSuffix(path, "/taken-back"):
		h.as("p-counter").asks("POST", "/dossiers/"+string(code)+"/slots/TP02/decision", obj{"decision": "copy"})
		h.as("p-counter").asks("POST", "/dossiers/"+string(code)+"/handed-on", nil)
		return b.asks("POST", rel, obj{"why": "agency"})
	case strings.HasSuffix(path, "/acts/{act}"):
		return b.asks("POST", rel, obj{}, "If-Match", fmt.Sprintf(`"%d"`, d.Version))
	case strings.HasSuffix(path, "/population-checks"):
		return b.asks("POST", rel, obj{"born": "1999-02-03"})
	case strings.HasSuffix(path, "/retention/proposals"):
		return b.asks("POST", rel, obj{"documents": []string{"00000000-0000-0000-0000-000000000000"}, "why": "hết hạn"})
	case strings.HasSuffix(path, "/{proposal}"):
		return b.asks("POST", rel, obj{"answer": "refuse", "why": "còn cần"})
	case strings.HasSuffix(path, "/hold"), strings.HasSuffix(path, "/lift"):
		return b.asks("POST", rel, obj{"why": "vụ án 12"})
	case strings.HasPrefix(path, "/api/v1/records/") && strings.HasSuffix(path, "/acts"):
		return b.asks("POST", rel, obj{"act": "withdraw", "why": "cấp sai"})
	case strings.HasSuffix(path, "/ties"):
		return b.asks("POST", strings.TrimPrefix(strings.Replace(path, "{project}", string(h.project(project.Sample).ID), 1), "/api/v1"), obj{"source": "batch", "ref": string(d.ID)})
	case strings.HasPrefix(path, "/api/v1/holders/") && strings.HasSuffix(path, "/acts"):
		n, err := strconv.ParseFloat(fresh, 64)
		must(h.t, err)
		do, err := h.db.Dossier(h.t.Context(), h.open(fmt.Sprintf("00819%07.0f", n*1000), "Bình"))
		must(h.t, err)
		return b.asks("POST", "/holders/"+string(do.Holder)+"/acts", obj{"act": "merge", "number": "008199012345", "why": "đơn 12"})
	case strings.HasSuffix(path, "/hits"), path == "/api/v1/search":
		return b.asks("POST", rel, obj{"q": "to trinh"})
	case path == "/api/v1/holders":
		return b.asks("POST", rel, obj{"number": "008199012345"})
	case strings.HasSuffix(path, "/number"):
		n, err := strconv.ParseFloat(fresh, 64)
		must(h.t, err)
		do, err := h.db.Dossier(h.t.Context(), h.open(fmt.Sprintf("00819%07.0f", n*1000), "Bình")) // somebody new
		must(h.t, err)
		return b.asks("POST", "/holders/"+string(do.Holder)+"/number", obj{"purpose": "checking"})
	}
	return b.asks("POST", rel, nil)
}

package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"sohoa/dossier"
	"sohoa/web"
)

// A fullDoor is one behind which the disk is full.
type fullDoor struct{}

func (fullDoor) Accept(context.Context, web.Intake) (dossier.Document, error) {
	return dossier.Document{}, fmt.Errorf("put: %w", syscall.ENOSPC)
}

// Who sends a paper while the disk is full reads that it is, what became of the paper
// and whom to tell, in their language; the log has the reason under the same number.
func TestFullDiskIsTold(t *testing.T) {
	h := newHouseWith(t, func(d *web.Deps, _ string) { d.Ingest = fullDoor{} })
	b, code := h.as("p-counter"), h.open("008199012345", "Đinh Văn A")
	for _, lang := range []string{"vi", "en"} {
		b.get("/dossiers/" + string(code) + "?lang=" + lang)
		a := b.upload(fmt.Sprintf("/dossiers/%s/slots/TP02", code), "a.jpg", []byte("trang"), "")
		if a.status != http.StatusInsufficientStorage || !strings.Contains(a.body, web.Word(lang, "error.full")) || !strings.Contains(a.body, web.Word(lang, "error.full.do")) {
			t.Errorf("%s: %d %s", lang, a.status, a.body)
		}
	}
	if log := h.log.String(); !strings.Contains(log, "no space left on device") || !strings.Contains(log, `"ref":"`) {
		t.Errorf("the log: %s", log)
	}
}

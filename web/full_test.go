package web_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"sohoa/dossier"
	"sohoa/storage/blob"
	"sohoa/web"
)

// A shutDoor is one behind which an engine fails.
type shutDoor struct{ cause error }

func (d shutDoor) Accept(context.Context, web.Intake) (dossier.Document, error) {
	return dossier.Document{}, fmt.Errorf("put: %w", d.cause)
}

// Who sends a paper while the disk is full, or the store of files is silent, reads that it
// is, what became of the paper and whom to tell, in their language; the log has the reason.
func TestShutDoorIsTold(t *testing.T) {
	for word, x := range map[string]struct {
		cause  error
		status int
	}{
		"error.full": {syscall.ENOSPC, http.StatusInsufficientStorage},
		"error.away": {blob.ErrUnavailable, http.StatusGatewayTimeout},
	} {
		h := newHouseWith(t, func(d *web.Deps, _ string) { d.Ingest = shutDoor{x.cause} })
		b, code := h.as("p-counter"), h.open("008199012345", "Đinh Văn A")
		for _, lang := range []string{"vi", "en"} {
			b.get("/dossiers/" + string(code) + "?lang=" + lang)
			a := b.upload(fmt.Sprintf("/dossiers/%s/slots/TP02", code), "a.jpg", []byte("trang"), "")
			if a.status != x.status || !strings.Contains(a.body, web.Word(lang, word)) || !strings.Contains(a.body, web.Word(lang, word+".do")) {
				t.Errorf("%s: %d %s", lang, a.status, a.body)
			}
		}
		if log := h.log.String(); !strings.Contains(log, x.cause.Error()) || !strings.Contains(log, `"ref":"`) {
			t.Errorf("the log: %s", log)
		}
	}
}

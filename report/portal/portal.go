// Package portal tells the national portal of dossiers, one after the other, until each
// is acknowledged with a receipt. It is the one room that speaks to the portal, stands
// at the border, and is off unless an address is set; nothing in the house waits for it.
// The protocol is documented in docs/decisions/0044-national-payload.md.
package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/national"

	"sohoa/pattern"
)

// Rows are what is owed, tried and acknowledged.
type Rows interface {
	// OweDeliveries reads the log from a place and enters which dossiers changed since;
	// it returns the place to go on from.
	OweDeliveries(ctx context.Context, from int64) (next int64, err error)
	OwedDeliveries(ctx context.Context, now time.Time, limit int) ([]national.Delivery, error)
	Delivered(ctx context.Context, d national.Delivery) error
	NotDelivered(ctx context.Context, d national.Delivery) error

	NationalFacts(ctx context.Context, code dossier.Code) (national.Facts, error)
}

// A Sender delivers.
type Sender struct {
	Rows    Rows
	Address string // https, or http on this machine
	Token   string // bearer; empty: none
	Files   string // address under which the portal takes files; documents' ids follow it
	Client  *http.Client
	Now     func() time.Time

	from int64
}

// Words for why a delivery failed: they are kept, and hold no data.
const (
	Away    = "away"    // no answer in time
	Broken  = "broken"  // the portal's own fault: 5xx, 408, 429
	Refused = "refused" // it does not take it: other 4xx
	Strange = "strange" // it answered what is no receipt of this dossier
)

// most bounds what is delivered in one sweep, and mostAnswer the bytes of a receipt.
const (
	most       = 100
	mostAnswer = 4096
)

// Sweep enters what is owed and tries what is due. It returns how many were
// acknowledged. That one fails keeps no other back; killed anywhere, what was not
// acknowledged is told again, under the same key, and taken once.
func (s *Sender) Sweep(ctx context.Context) (n int, err error) {
	if s.from, err = s.Rows.OweDeliveries(ctx, s.from); err != nil {
		return 0, err
	}
	due, err := s.Rows.OwedDeliveries(ctx, s.Now(), most)
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		ok, err := s.deliver(ctx, d)
		if err != nil {
			return n, err
		}
		if ok {
			n++
		}
	}
	return n, nil
}

// deliver tells of one dossier as it stands now.
func (s *Sender) deliver(ctx context.Context, d national.Delivery) (bool, error) {
	f, err := s.Rows.NationalFacts(ctx, d.Dossier)
	if err != nil {
		return false, err
	}
	f.Link = func(id dossier.DocumentID) string { return s.Files + string(id) }
	body, err := json.Marshal(national.Of(f))
	if err != nil {
		return false, err
	}
	receipt, word := s.post(ctx, d, body)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	d.At = s.Now()
	if word != "" {
		d.Tries, d.Said = d.Tries+1, word
		d.Next = d.At.Add(national.Pause(d.Tries))
		if word == Refused {
			d.Next = d.At.Add(24 * time.Hour) // by itself it will not be better; a change is told at once
		}
		return false, s.Rows.NotDelivered(ctx, d)
	}
	d.Receipt, d.Sum, d.Sent, d.Tries, d.Said, d.Next = receipt, digest.Of(body).String(), d.Owed, 0, "", time.Time{}
	return true, s.Rows.Delivered(ctx, d)
}

var receiptID = pattern.Late(`^[A-Za-z0-9._:-]{1,100}$`)

// post sends a payload and reads the receipt. A duplicate (409) with a receipt is one.
func (s *Sender) post(ctx context.Context, d national.Delivery, body []byte) (receipt, word string) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Address, bytes.NewReader(body))
	if err != nil {
		return "", Away
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Idempotency-Key", d.Key())
	if s.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.Token)
	}
	client := *s.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // personal data go nowhere else
	res, err := client.Do(req)
	if err != nil {
		return "", Away
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	switch c := res.StatusCode; {
	case err != nil:
		return "", Away
	case c >= 500 || c == http.StatusRequestTimeout || c == http.StatusTooManyRequests:
		return "", Broken
	case c != http.StatusOK && c != http.StatusCreated && c != http.StatusConflict:
		return "", Refused
	}
	var r national.Receipt
	if len(b) > mostAnswer || json.Unmarshal(b, &r) != nil || r.MaHoSo != string(d.Dossier) || !receiptID().MatchString(r.ID) {
		if res.StatusCode == http.StatusConflict {
			return "", Refused
		}
		return "", Strange
	}
	return r.ID, ""
}

// Check says what is wrong with an address.
func Check(address string) error {
	req, err := http.NewRequest(http.MethodPost, address, nil)
	if err != nil || req.URL.Host == "" {
		return errors.New("the national portal's address is no URL")
	}
	if h := req.URL.Hostname(); req.URL.Scheme != "https" && !(req.URL.Scheme == "http" && (h == "127.0.0.1" || h == "localhost" || h == "::1")) {
		return fmt.Errorf("the national portal is told over https: personal data go over %s nowhere but to this machine", req.URL.Scheme)
	}
	return nil
}

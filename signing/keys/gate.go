package keys

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/keys/pkcs11"
	"sohoa/signing/revinfo"
)

// A Span is a length of time, in JSON as Go writes it ("36h", "30m") or in days
// ("30d").
type Span time.Duration

// UnmarshalJSON reads a span.
func (s *Span) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	var days int
	if n, err := fmt.Sscanf(text, "%dd", &days); n == 1 && err == nil && text == fmt.Sprintf("%dd", days) {
		*s = Span(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d < 0 {
		err = fmt.Errorf("%q is negative", text)
	}
	*s = Span(d)
	return err
}

// MarshalJSON writes a span.
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).String()) }

// Limits say how much a key may be used. The zero value sets none.
type Limits struct {
	Uses   int  `json:"uses,omitempty"`   // signatures in any Period
	Period Span `json:"period,omitempty"` // 0 with Uses: ever
	Left   Span `json:"left,omitempty"`   // that the certificate must still be in force
}

// Check reports limits that make no sense.
func (l Limits) Check() error {
	if l.Uses < 0 || l.Period < 0 || l.Left < 0 || l.Uses == 0 && l.Period != 0 {
		return fmt.Errorf("limits of a key: %+v", l)
	}
	return nil
}

// The codes of a [Refusal].
const (
	CodeUses    = "key-uses"    // it was used as often as it may
	CodeEnding  = "key-ending"  // its certificate ends too soon
	CodeExpired = "key-expired" // or has ended, or not begun
	CodeRevoked = "key-revoked" // or was revoked, or one that vouches for it
	CodeUnsure  = "key-unsure"  // nobody tells whether it was revoked
	CodeToken   = "key-token"   // its token or service cannot be asked
	CodeLocked  = "key-locked"  // it waits for its PIN
)

// A Refusal says why a key may not be used now. It is words for people, in
// Vietnamese and English, without personal data.
type Refusal struct {
	Code       string
	Vi, En     string
	Until      time.Time // when it will be over by itself; zero: it will not, or nobody knows
	underlying error
}

func (r *Refusal) Error() string { return r.Code + ": " + r.En }

// Unwrap gives what is behind it: [signing.ErrExpired], [revinfo.ErrRevoked]….
func (r *Refusal) Unwrap() error { return r.underlying }

// A Gate holds keys to their limits, their certificates' state and their tokens'
// presence: a [signing.Gate]. All its fields but Now are optional.
type Gate struct {
	Now func() time.Time

	// Limits gives those of the key with a certificate.
	Limits func(cert *x509.Certificate) Limits

	// Used counts the intents recorded for a certificate since a time.
	Used func(ctx context.Context, cert *x509.Certificate, since time.Time) (int, error)

	// Evidence tells what was revoked.
	Evidence signing.Evidence
}

// Allow reports whether k may sign once more at a time. The error wraps a
// [*Refusal].
func (g *Gate) Allow(ctx context.Context, k signing.Key, at time.Time) error {
	leaf := k.Chain[0]
	if at.Before(leaf.NotBefore) || at.After(leaf.NotAfter) {
		return &Refusal{Code: CodeExpired, Vi: "chứng thư số của khóa không còn (hoặc chưa) hiệu lực",
			En: "the key's certificate is not in force", underlying: signing.ErrExpired}
	}
	var l Limits
	if g.Limits != nil {
		l = g.Limits(leaf)
	}
	if left := leaf.NotAfter.Sub(at); left < time.Duration(l.Left) {
		return &Refusal{Code: CodeEnding, Vi: fmt.Sprintf("chứng thư số chỉ còn hiệu lực %s, phải còn ít nhất %s", inDays(left, "ngày"), inDays(time.Duration(l.Left), "ngày")),
			En: fmt.Sprintf("the certificate is in force for %s more, %s are asked", inDays(left, "days"), inDays(time.Duration(l.Left), "days"))}
	}
	if err := g.uses(ctx, leaf, l, at); err != nil {
		return err
	}
	if err := g.revoked(ctx, k, at); err != nil {
		return err
	}
	if r, ok := k.Signer.(interface{ Ready() error }); ok {
		err := r.Ready()
		if errors.Is(err, ErrPIN) || errors.Is(err, pkcs11.ErrPIN) || errors.Is(err, csc.ErrPIN) {
			return &Refusal{Code: CodeLocked, Vi: "khóa ký đang khóa, chờ mã PIN", En: "the key is locked and waits for its PIN", underlying: err}
		} else if err != nil {
			return &Refusal{Code: CodeToken, Vi: "không dùng được thiết bị hoặc dịch vụ giữ khóa lúc này", En: "the token or service that keeps the key cannot be asked now", underlying: err}
		}
	}
	return nil
}

func inDays(d time.Duration, unit string) string {
	return fmt.Sprintf("%d %s", int(d/(24*time.Hour)), unit)
}

func (g *Gate) uses(ctx context.Context, leaf *x509.Certificate, l Limits, at time.Time) error {
	if l.Uses == 0 || g.Used == nil {
		return nil
	}
	since := time.Time{}
	if l.Period > 0 {
		since = at.Add(-time.Duration(l.Period))
	}
	n, err := g.Used(ctx, leaf, since)
	if err != nil {
		return fmt.Errorf("uses of the key: %w", err)
	}
	if n < l.Uses {
		return nil
	}
	vi, en := "tổng cộng", "in all"
	if l.Period > 0 {
		vi, en = "trong "+time.Duration(l.Period).String(), "within "+time.Duration(l.Period).String()
	}
	return &Refusal{Code: CodeUses, Vi: fmt.Sprintf("khóa đã ký %d lần %s, giới hạn là %d", n, vi, l.Uses),
		En: fmt.Sprintf("the key signed %d times %s, its limit is %d", n, en, l.Uses)}
}

// revoked asks about every certificate whose issuer is known. Without an issuer
// nobody can tell, so the key is refused.
func (g *Gate) revoked(ctx context.Context, k signing.Key, at time.Time) error {
	if g.Evidence == nil {
		return nil
	}
	unsure := func(err error) error {
		return &Refusal{Code: CodeUnsure, Vi: "không hỏi được tình trạng thu hồi của chứng thư số", En: "nobody tells whether the certificate was revoked", underlying: err}
	}
	if len(k.Chain) < 2 {
		return unsure(fmt.Errorf("%w: the certificate's issuer is not known", revinfo.ErrUnavailable))
	}
	for i := 0; i+1 < len(k.Chain); i++ {
		s, err := g.Evidence.Proof(ctx, k.Chain[i], k.Chain[i+1])
		if err == nil {
			err = revinfo.Good(s, k.Chain[i], k.Chain[i+1], at)
		}
		switch {
		case errors.Is(err, revinfo.ErrRevoked):
			return &Refusal{Code: CodeRevoked, Vi: "chứng thư số của khóa (hoặc của nơi cấp) đã bị thu hồi", En: "the key's certificate, or one that vouches for it, was revoked", underlying: err}
		case err != nil:
			return unsure(err)
		}
	}
	return nil
}

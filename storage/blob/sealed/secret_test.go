package sealed

import (
	"bytes"
	"errors"
	"testing"
	"time"
)

func TestSecrets(t *testing.T) {
	r, err := NewRing(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("12345678901234567890")
	first, err := r.SealSecret("p1", secret)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.SealSecret("p1", secret)
	if err != nil || bytes.Equal(first, second) || bytes.Contains(first, secret) {
		t.Error("sealed twice it is the same, or it lies there open", err)
	}
	r.Add(time.Unix(1, 0))
	if got, err := r.OpenSecret("p1", first); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("after the ring got another key: %q, %v", got, err)
	}
	if _, err := r.OpenSecret("p2", first); !errors.Is(err, ErrHeader) {
		t.Errorf("for another owner: %v", err)
	}
	for i := range first {
		spoilt := bytes.Clone(first)
		spoilt[i] ^= 1
		if _, err := r.OpenSecret("p1", spoilt); err == nil {
			t.Fatalf("byte %d was changed, and it opens", i)
		}
	}
	for n := range first {
		if _, err := r.OpenSecret("p1", first[:n]); err == nil {
			t.Fatalf("of %d bytes it opens", n)
		}
	}
	other, err := NewRing(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.OpenSecret("p1", first); !errors.Is(err, ErrKey) {
		t.Errorf("another ring: %v", err)
	}
}

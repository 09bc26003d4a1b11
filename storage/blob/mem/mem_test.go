package mem_test

import (
	"bytes"
	"errors"
	"testing"

	"sohoa/dossier/digest"
	"sohoa/storage/blob"
	"sohoa/storage/blob/blobtest"
	"sohoa/storage/blob/mem"
)

func TestStore(t *testing.T) {
	blobtest.Run(t, func(*testing.T) blob.Pruner { return &mem.Store{} })
}

func TestFault(t *testing.T) {
	timeout := errors.New("timeout")
	b := []byte("b")
	d := digest.Of(b)
	for _, keep := range []bool{false, true} {
		s := &mem.Store{Fault: func(digest.Digest) (bool, error) { return keep, timeout }}
		if err := s.Put(t.Context(), d, 1, bytes.NewReader(b)); !errors.Is(err, timeout) {
			t.Errorf("keep %v: Put = %v", keep, err)
		}
		if _, err := s.Stat(t.Context(), d); (err == nil) != keep {
			t.Errorf("keep %v: Stat = %v", keep, err)
		}
		s.Fault = func(digest.Digest) (bool, error) { return false, nil }
		if err := s.Put(t.Context(), d, 1, bytes.NewReader(b)); err != nil {
			t.Errorf("again: %v", err)
		}
		if _, err := s.Stat(t.Context(), d); err != nil {
			t.Errorf("keep %v: Put without an error kept nothing: %v", keep, err)
		}
	}
}

func TestDamage(t *testing.T) {
	s := &mem.Store{}
	d := blobtest.Put(t, s, []byte("good"))
	s.Damage(d, []byte("evil"))
	if _, err := blobtest.Get(t, s, d); !errors.Is(err, blob.ErrCorrupt) {
		t.Errorf("Get = %v, want ErrCorrupt", err)
	}
}

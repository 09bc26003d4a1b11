package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"sohoa/signing"
	"sohoa/signing/csc"
)

// splitArgs order half a signature: the hash goes out, or the signature comes
// back.
type splitArgs struct {
	prepare, finish, signature string
}

func (s *splitArgs) flags(set *flag.FlagSet) {
	set.StringVar(&s.prepare, "prepare", "", "write here all that is to be kept until the signature comes back, and what is to be signed to FILE.json")
	set.StringVar(&s.finish, "finish", "", "what --prepare wrote")
	set.StringVar(&s.signature, "signature", "", "with --finish: file with the signature, as bytes or Base64")
}

// An errand is what goes to whoever has the key. Keys that hash by themselves
// sign toSign, others digest.
type errand struct {
	Subject     string `json:"subject"`
	ToSign      []byte `json:"toSign"`
	Algorithm   string `json:"digestAlgorithm"`
	Digest      []byte `json:"digest"`
	Certificate []byte `json:"certificate"` // the one to sign with, DER
	Signature   string `json:"signature"`   // what is to come back
}

// hashOut prepares a signature whose key is elsewhere.
func (a *signArgs) hashOut(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	if _, err := a.look(ctx); err != nil {
		return err
	}
	for _, path := range []string{a.prepare, a.prepare + ".json"} {
		if _, err := os.Lstat(path); err == nil {
			return usage("%s is there; a prepared signature is not overwritten", path)
		}
	}
	a.request.Key = signing.Key{Chain: a.certificates}
	sealer, err := a.sealer(ctx, getenv)
	if err != nil {
		return err
	}
	in, err := os.Open(a.in)
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	p, err := sealer.Prepare(ctx, a.request, in, info.Size(), io.Discard)
	if err != nil {
		return &inputError{a.in, err}
	}
	digest := p.Digest()
	out := errand{p.Subject, p.ToSign(), "SHA-256", digest[:], p.Chain[0], "RSASSA-PKCS1-v1_5 (RFC 8017), or ECDSA-Sig-Value in DER (RFC 3279)"}
	if err := errors.Join(writeJSON(a.prepare, p), writeJSON(a.prepare+".json", out)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%s: PAdES %s prepared; to be signed: %s.json\n", a.in, p.Level, a.prepare)
	return err
}

// writeJSON writes a new file, whole or not at all, for its owner alone.
func writeJSON(path string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".sohoa-*.json")
	if err != nil {
		return usage("cannot write %s: %v", path, err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(b, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// signatureBack finishes a signature with what the key answered.
func (a *signArgs) signatureBack(ctx context.Context, getenv func(string) string, stdout io.Writer) error {
	if a.signature == "" || a.out == "" || a.prepare != "" || a.key != "" || a.outDir != "" {
		return usage(signUsage)
	}
	p, err := readPending(a.finish)
	if err != nil {
		return usage("%v", err)
	}
	if a.request.Level = p.Level; p.Level != signing.LevelB && (a.tsa == "" || a.trust == nil) {
		return usage("level %s needs --tsa and --trust", p.Level)
	}
	had, err := a.look(ctx)
	if err != nil {
		return err
	}
	if done, err := a.finished(p); err != nil || done {
		if done {
			_, err = fmt.Fprintf(stdout, "%s: is there already, with this signature\n", a.out)
		}
		return err
	}
	value, err := a.answer(p)
	if err != nil {
		return err
	}
	sealer, err := a.sealer(ctx, getenv)
	if err != nil {
		return err
	}
	report, err := a.place(ctx, had, func(in *os.File, _ int64, out io.Writer) error {
		if err := p.Copy(in, out); err != nil {
			return err
		}
		return sealer.Finish(ctx, p, value, in, out)
	})
	if err != nil {
		return err
	}
	newest := report.Signatures[len(report.Signatures)-1]
	_, err = fmt.Fprintf(stdout, "%s: PAdES %s, %s\n", a.out, p.Level, newest.Verdict)
	return err
}

// maxPending is the most bytes of a prepared signature that are read.
const maxPending = 64 << 20

func readPending(path string) (*signing.Pending, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var p signing.Pending
	if err := json.NewDecoder(io.LimitReader(f, maxPending)).Decode(&p); err != nil || len(p.Chain) == 0 || p.ToSign() == nil {
		return nil, fmt.Errorf("%s is not what --prepare wrote: %v", path, err)
	}
	return &p, nil
}

// answer reads what the key answered, and gives it the form that CMS has.
func (a *signArgs) answer(p *signing.Pending) ([]byte, error) {
	f, err := os.Open(a.signature)
	if err != nil {
		return nil, usage("%v", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 64<<10))
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(p.Chain[0])
	if err != nil {
		return nil, usage("%s: %v", a.finish, err)
	}
	digest := p.Digest()
	if value, err := csc.Checked(cert.PublicKey, crypto.SHA256, digest[:], raw); err == nil {
		return value, nil
	}
	if text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(string(raw)), "")); err == nil {
		if value, err := csc.Checked(cert.PublicKey, crypto.SHA256, digest[:], text); err == nil {
			return value, nil
		}
	}
	return nil, usage("%s is no signature of %s with the key of its certificate", a.signature, p.Subject)
}

// finished reports whether the output is this signature's already. Another file
// of that name is not overwritten.
func (a *signArgs) finished(p *signing.Pending) (bool, error) {
	out, err := os.Open(a.out)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	defer out.Close()
	// The same bytes are covered, so the part of the tail that was prepared is
	// there, around whatever stands in the room for the signature.
	tail := make([]byte, len(p.Tail))
	if _, err := out.ReadAt(tail, p.Size); err == nil {
		kept := p.Tail
		p.Tail = tail
		err = p.Copy(out, io.Discard)
		p.Tail = kept
		if err == nil {
			return true, nil
		}
	}
	return false, usage("%s is there and is another file", a.out)
}

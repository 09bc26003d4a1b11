// Package chains tells which certificates in the signatures and time-stamps of a
// PDF lead to roots that are believed, so that their authorities can be asked
// what was revoked. It judges nothing, and asks nobody: that a stranger's file
// names an address is no reason to go there.
//
// Files come from outside: they are read in a child of [sohoa/jail] ([Child],
// under the name "chains"). What leaves it was issued under a believed root.
package chains

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/jail"
	"sohoa/pdf/revision"
	"sohoa/signing/cms"
	"sohoa/signing/tsa"
)

// Name is the child's.
const Name = "chains"

// maxPairs is the most pairs that are told of one file.
const maxPairs = 64

// maxOut is the most bytes that are taken from a child.
const maxOut = 4 << 20

var limits = jail.Limits{Memory: 256 << 20, CPU: 20 * time.Second, Wall: 40 * time.Second, File: 1, Output: 64 << 20, Confined: true, Alone: true}

// A Pair is a certificate and who issued it.
type Pair struct{ Cert, Issuer *x509.Certificate }

type told struct {
	Cert   []byte `json:"cert"` // DER
	Issuer []byte `json:"issuer"`
}

// Of returns the certificates in the file at path that lead to one of roots
// (DER), each with its issuer, roots excepted. A file that cannot be read has
// none: what is wrong with it is for others to say. The error is one of package
// jail.
func Of(ctx context.Context, path string, roots [][]byte) ([]Pair, error) {
	in, err := json.Marshal(roots)
	if err != nil {
		return nil, err
	}
	out := &capped{}
	if err := jail.Run(ctx, Name, limits, bytes.NewReader(in), out, path); err != nil {
		return nil, fmt.Errorf("chains: %w", err)
	}
	var all []told
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		return nil, fmt.Errorf("chains: %w: %w", jail.ErrCrash, err)
	}
	var pairs []Pair
	for _, p := range all {
		cert, err := x509.ParseCertificate(p.Cert)
		if err != nil {
			return nil, fmt.Errorf("chains: %w: %w", jail.ErrCrash, err)
		}
		issuer, err := x509.ParseCertificate(p.Issuer)
		if err != nil {
			return nil, fmt.Errorf("chains: %w: %w", jail.ErrCrash, err)
		}
		pairs = append(pairs, Pair{cert, issuer})
	}
	return pairs, nil
}

// capped holds up to maxOut bytes.
type capped struct{ bytes.Buffer }

func (c *capped) Write(b []byte) (int, error) {
	if c.Len()+len(b) > maxOut {
		return 0, errors.New("too much to tell")
	}
	return c.Buffer.Write(b)
}

// Child is the child: roots in, pairs out; the argument is the file's path.
func Child(args []string, in io.Reader, out io.Writer) error {
	var ders [][]byte
	if err := json.NewDecoder(in).Decode(&ders); err != nil {
		return err
	}
	if len(args) != 1 {
		return fmt.Errorf("%d arguments", len(args))
	}
	roots := x509.NewCertPool()
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return err
		}
		roots.AddCert(cert)
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(find(f, info.Size(), roots))
}

// find looks through the signatures of a file.
func find(r io.ReaderAt, size int64, roots *x509.CertPool) []told {
	all := []told{}
	file, err := revision.Open(r, size)
	if err != nil {
		return all
	}
	fields, err := file.SignatureFields()
	if err != nil {
		return all
	}
	seen := map[string]bool{}
	for _, x := range fields {
		contents, _ := x.Dict["Contents"].(revision.String)
		var first asn1.RawValue
		if _, err := asn1.Unmarshal(contents, &first); err != nil {
			continue
		}
		for _, s := range signers(first.FullBytes) {
			for _, p := range s.path(roots) {
				if key := string(p.Cert); !seen[key] && len(all) < maxPairs {
					seen[key] = true
					all = append(all, p)
				}
			}
		}
	}
	return all
}

// A signer is who signed, and what certificates came along.
type signer struct {
	leaf  *x509.Certificate
	among []*x509.Certificate
}

// signers are those of a signature and of the time-stamp in it, or of a
// time-stamp.
func signers(der []byte) (all []signer) {
	if t, err := tsa.Parse(der); err == nil {
		return []signer{{t.Signer, t.Certificates()}}
	}
	sd, err := cms.Parse(der)
	if err != nil {
		return nil
	}
	all = append(all, signer{sd.Signer, sd.Certificates})
	if t, err := tsa.Parse(sd.Token); err == nil {
		all = append(all, signer{t.Signer, t.Certificates()})
	}
	return all
}

// path is the way from the signer to its root, in pairs; none without a root.
func (s signer) path(roots *x509.CertPool) (all []told) {
	others := x509.NewCertPool()
	for _, c := range s.among {
		if !c.Equal(s.leaf) {
			others.AddCert(c)
		}
	}
	chains, err := s.leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: s.leaf.NotBefore,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	if err != nil {
		return nil
	}
	for i := 0; i+1 < len(chains[0]); i++ {
		all = append(all, told{chains[0][i].Raw, chains[0][i+1].Raw})
	}
	return all
}

package main

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"sohoa/signing"
	"sohoa/signing/csc"
	"sohoa/signing/keys"
	"sohoa/signing/keys/pkcs11"
)

// keyArgs say which key signs, what opens it, and how much it may be used.
type keyArgs struct {
	key, passwordFile, pinFrom string
	journal                    string
	certificates               []*x509.Certificate
	limits                     keys.Limits
}

func (k *keyArgs) flags(set *flag.FlagSet) {
	set.StringVar(&k.key, "key", "", "the key: a PKCS#12 file, a pkcs11: URI (RFC 7512), or csc:FILE with the settings of a signing service")
	set.StringVar(&k.passwordFile, "password-file", "", "file with its password or PIN, which nobody else may read")
	set.StringVar(&k.pinFrom, "pin-from", "", "the same as file:PATH, or credential:NAME of systemd, or prompt")
	set.StringVar(&k.journal, "journal", "", "note what is about to be signed here; OUT.journal, or DIR/journal, if not given")
	set.Func("certificate", "PEM file of certificates that are not with the key, its own first; may be given again", func(path string) error {
		certs, err := readCertificates(path)
		k.certificates = append(k.certificates, certs...)
		return err
	})
	set.Func("limits", `JSON file of the key's limits, by the journal: {"uses": 500, "period": "24h", "left": "30d"}`, k.readLimits)
}

func readCertificates(path string) (certs []*x509.Certificate, err error) {
	ders, err := readDER(path, "CERTIFICATE")
	for _, der := range ders {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		certs = append(certs, cert)
	}
	if err == nil && len(certs) == 0 {
		err = fmt.Errorf("%s: there is no certificate", path)
	}
	return certs, err
}

func (k *keyArgs) readLimits(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := json.NewDecoder(io.LimitReader(f, 64<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&k.limits); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return k.limits.Check()
}

func (k *keyArgs) limitsOf(*x509.Certificate) keys.Limits { return k.limits }

// libraryVariables are what PKCS#11 libraries look for in the environment; none
// of them is a secret.
var libraryVariables = []string{"SOFTHSM2_CONF", "OPENSC_CONF", "PKCS11_PROXY_SOCKET", "ChrystokiConfigurationPath", "NFAST_HOME", "CKNFAST_LOADSHARING", "CS_PKCS11_R3_CFG"}

// open opens the key, asking for its PIN on the terminal if nothing else says
// where it is.
func (k *keyArgs) open(ctx context.Context, getenv func(string) string) (*keys.Held, error) {
	s := keys.Source{Address: k.key, Certificates: k.certificates, Environment: map[string]string{}, Credentials: getenv("CREDENTIALS_DIRECTORY"), Now: time.Now}
	for _, name := range libraryVariables {
		if v := getenv(name); v != "" {
			s.Environment[name] = v
		}
	}
	var err error
	if s.PIN, err = k.pin(ctx, s.Credentials); err != nil {
		return nil, usage("%v", err)
	}
	held, err := keys.Open(ctx, s)
	if errors.Is(err, pkcs11.ErrUnavailable) || errors.Is(err, csc.ErrUnavailable) {
		return nil, err
	} else if err != nil {
		return nil, usage("%v", err)
	}
	return held, nil
}

func (k *keyArgs) pin(ctx context.Context, credentials string) (keys.PIN, error) {
	switch {
	case k.passwordFile != "" && k.pinFrom != "":
		return nil, errors.New("give --password-file or --pin-from")
	case k.passwordFile != "":
		return keys.FromFile(k.passwordFile), nil
	case k.pinFrom == "prompt":
		return ask(ctx, "PIN / mật khẩu: ")
	case k.pinFrom != "":
		return keys.ParsePIN(k.pinFrom, credentials)
	case strings.HasPrefix(k.key, csc.Scheme), strings.Contains(k.key, "pin-source="):
		return nil, nil
	}
	return ask(ctx, "PIN / mật khẩu: ")
}

// ask asks on the terminal, showing nothing of what is typed.
func ask(ctx context.Context, prompt string) (keys.PIN, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, errors.New("there is no terminal to ask on: have it read from file:PATH")
	}
	defer tty.Close()
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		return nil, err
	}
	fmt.Fprint(tty, prompt)
	type typed struct {
		pin []byte
		err error
	}
	got := make(chan typed, 1)
	go func() {
		pin, err := term.ReadPassword(int(tty.Fd()))
		got <- typed{pin, err}
	}()
	select {
	case t := <-got:
		fmt.Fprintln(tty)
		return keys.Type(t.pin).PIN, t.err
	case <-ctx.Done():
		return nil, errors.Join(ctx.Err(), term.Restore(int(tty.Fd()), before))
	}
}

// notes is a journal in a file: one line of JSON for each intent, on the disk
// before the key is asked.
type notes string

// A note is one of its lines.
type note struct {
	Subject     string    `json:"subject"`
	SHA256      string    `json:"sha256"`
	Certificate string    `json:"certificate"` // serial number
	At          time.Time `json:"at"`
}

// Record appends i.
func (n notes) Record(_ context.Context, i signing.Intent) error {
	cert, err := x509.ParseCertificate(i.Certificate)
	if err != nil {
		return err
	}
	line, err := json.Marshal(note{i.Subject, fmt.Sprintf("%x", i.ToSign), cert.SerialNumber.Text(16), i.At.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(string(n), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// count counts the intents for a certificate since a time. A line that cannot
// be read, such as one cut short by a power cut, counts: it may have been used.
func (n notes) count(cert *x509.Certificate, since time.Time) (int, error) {
	f, err := os.Open(string(n))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	} else if err != nil {
		return 0, err
	}
	defer f.Close()
	used := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var one note
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil || one.Certificate == cert.SerialNumber.Text(16) && !one.At.Before(since) {
			used++
		}
	}
	return used, lines.Err()
}

// A ledger is a journal behind a gate. What the gate allowed counts before it is
// recorded, so that signatures made at once do not all take the last use.
type ledger struct {
	gate    keys.Gate
	journal notes

	mu      sync.Mutex
	allowed int
}

// Allow asks the gate.
func (l *ledger) Allow(ctx context.Context, k signing.Key, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.gate.Allow(ctx, k, at)
	if err == nil {
		l.allowed++
	}
	return err
}

// Record writes the intent that was allowed.
func (l *ledger) Record(ctx context.Context, i signing.Intent) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.allowed--
	return l.journal.Record(ctx, i)
}

// used is called by the gate, within Allow.
func (l *ledger) used(_ context.Context, cert *x509.Certificate, since time.Time) (int, error) {
	n, err := l.journal.count(cert, since)
	return n + l.allowed, err
}

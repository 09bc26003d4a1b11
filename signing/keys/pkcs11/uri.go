package pkcs11

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// ErrAddress: the address of a key is not one this package takes.
var ErrAddress = errors.New("address of the key")

// An Address names one key on one token (RFC 7512).
type Address struct {
	Module string // path of the PKCS#11 library: module-path

	// What is known of the token. A token is asked for by its serial number or
	// its label, or both: a label alone is not always one token's.
	Label        string // token
	Serial       string // serial
	Manufacturer string // manufacturer
	Model        string // model

	ID        []byte // CKA_ID of key and certificate: id
	PINSource string // where the PIN is to be read: pin-source; never the PIN
}

// Scheme is how an address begins.
const Scheme = "pkcs11:"

// Parse reads a URI like
//
//	pkcs11:token=Con%20d%E1%BA%A5u;id=%01?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/run/pin
//
// A PIN in the address itself (pin-value) is refused: addresses are seen by
// others. So is an attribute that this package does not know, since it might
// mean another key. The error wraps [ErrAddress].
func Parse(uri string) (Address, error) {
	a, err := parse(uri)
	if err != nil {
		return Address{}, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return a, nil
}

func parse(uri string) (a Address, err error) {
	rest, ok := strings.CutPrefix(uri, Scheme)
	if !ok {
		return a, fmt.Errorf("it does not begin with %s", Scheme)
	}
	path, query, _ := strings.Cut(rest, "?")
	kind, id := "", ""
	if err := attributes(path, ";", map[string]*string{"token": &a.Label, "serial": &a.Serial,
		"manufacturer": &a.Manufacturer, "model": &a.Model, "id": &id, "type": &kind}); err != nil {
		return a, err
	}
	if err := attributes(query, "&", map[string]*string{"module-path": &a.Module, "pin-source": &a.PINSource}); err != nil {
		return a, err
	}
	a.ID = []byte(id)
	switch {
	case kind != "" && kind != "private":
		return a, fmt.Errorf("type %q is no private key", kind)
	case a.Label == "" && a.Serial == "":
		return a, errors.New("it names no token: token or serial is needed")
	case len(a.ID) == 0:
		return a, errors.New("it names no key: id is needed, since labels are not unique")
	case !filepath.IsAbs(a.Module):
		return a, errors.New("it names no library: module-path is needed, absolute")
	}
	for _, s := range []string{a.Label, a.Serial, a.Manufacturer, a.Model, a.Module, a.PINSource} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return a, errors.New("a value is not UTF-8")
		}
	}
	return a, nil
}

// attributes reads name=value pairs into their places, each at most once.
func attributes(s, separator string, places map[string]*string) error {
	if s == "" {
		return nil
	}
	seen := map[string]bool{}
	for _, pair := range strings.Split(s, separator) {
		name, value, ok := strings.Cut(pair, "=")
		place := places[name]
		switch {
		case name == "pin-value":
			return errors.New("a PIN does not belong in an address: give pin-source")
		case !ok || place == nil:
			return fmt.Errorf("attribute %q is not known here", name)
		case seen[name]:
			return fmt.Errorf("attribute %q stands twice", name)
		}
		seen[name] = true
		v, err := url.PathUnescape(value)
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		*place = v
	}
	return nil
}

// String is the address without its PIN source, for people and logs.
func (a Address) String() string {
	var b strings.Builder
	b.WriteString(Scheme)
	for _, p := range [][2]string{{"token", a.Label}, {"serial", a.Serial}, {"manufacturer", a.Manufacturer}, {"model", a.Model}} {
		if p[1] != "" {
			b.WriteString(p[0] + "=" + url.PathEscape(p[1]) + ";")
		}
	}
	b.WriteString("id=")
	for _, c := range a.ID {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String() + "?module-path=" + a.Module
}

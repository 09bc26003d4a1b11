package revision

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"maps"
	"slices"
)

// The arrays of a document security store that hold evidence, each of DER
// streams: certificates, OCSP answers, revocation lists (EN 319 142-1, 5.4.2).
const (
	Certs Name = "Certs"
	OCSPs Name = "OCSPs"
	CRLs  Name = "CRLs"
)

var stores = []Name{Certs, OCSPs, CRLs}

// A Held is one piece of evidence in a file.
type Held struct {
	DER []byte
	End int64 // where in the file it ends
}

// Caps of a document security store.
const (
	maxHeld      = 1024
	maxHeldBytes = 64 << 20 // of all together
)

// Evidence returns what the document security store holds, by array; nothing if
// there is none.
func (f *File) Evidence() (map[Name][]Held, error) {
	catalog, _, err := f.Catalog()
	if err != nil {
		return nil, err
	}
	dss, err := f.DictOf(catalog["DSS"])
	if err != nil {
		return nil, err
	}
	held, total := map[Name][]Held{}, 0
	for _, k := range stores {
		list, err := f.ArrayOf(dss[k])
		if err != nil {
			return nil, err
		}
		if len(list) > maxHeld {
			return nil, fmt.Errorf("%w: %d pieces of evidence", ErrDamaged, len(list))
		}
		for _, o := range list {
			if o, err = f.Resolve(o); err != nil {
				return nil, err
			}
			s, ok := o.(*Stream)
			if !ok {
				return nil, fmt.Errorf("%w: a %T as evidence", ErrDamaged, o)
			}
			der, err := f.Decode(s)
			if err != nil {
				return nil, err
			}
			if total += len(der); total > maxHeldBytes {
				return nil, fmt.Errorf("%w: more than %d bytes of evidence", ErrDamaged, maxHeldBytes)
			}
			held[k] = append(held[k], Held{der, s.Offset + s.Length})
		}
	}
	return held, nil
}

// Store adds evidence to the document security store, making it if there is
// none; what it holds already is not added again. All that was there stays
// where it is: only the catalog and the store's dictionary are written anew.
func (u *Update) Store(add map[Name][][]byte) error {
	held, err := u.file.Evidence()
	if err != nil {
		return err
	}
	old, ref, err := u.file.Catalog()
	if err != nil {
		return err
	}
	dss, err := u.file.DictOf(old["DSS"])
	if err != nil {
		return err
	}
	if dss = maps.Clone(dss); dss == nil {
		dss = Dict{"Type": Name("DSS")}
	}
	for _, k := range stores {
		list, err := u.file.ArrayOf(dss[k])
		if err != nil {
			return err
		}
		list = slices.Clone(list)
		for _, der := range add[k] {
			if slices.ContainsFunc(held[k], func(h Held) bool { return bytes.Equal(h.DER, der) }) {
				continue
			}
			held[k] = append(held[k], Held{DER: der})
			s, err := deflated(der)
			if err != nil {
				return err
			}
			list = append(list, u.Add(s))
		}
		if len(list) > 0 {
			dss[k] = list
		}
	}
	catalog := maps.Clone(old)
	catalog["DSS"] = u.Add(dss)
	if err := u.extension(catalog); err != nil {
		return err
	}
	u.Replace(ref, catalog)
	return nil
}

// extension says in the catalog that the file has what ISO 32000-1 does not
// know (EN 319 142-1, 5.6; ISO 32000-1, 7.12).
func (u *Update) extension(catalog Dict) error {
	known, err := u.file.DictOf(catalog["Extensions"])
	if err != nil {
		return err
	}
	if known = maps.Clone(known); known == nil {
		known = Dict{}
	}
	if known["ESIC"] == nil {
		known["ESIC"] = Dict{"BaseVersion": Name("1.7"), "ExtensionLevel": Int(1)}
	}
	catalog["Extensions"] = known
	return nil
}

func deflated(b []byte) (*Stream, error) {
	var w bytes.Buffer
	z := zlib.NewWriter(&w)
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return &Stream{Dict: Dict{"Filter": Name("FlateDecode")}, Data: w.Bytes()}, nil
}

package attack

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tag "golang.org/x/crypto/cryptobyte/asn1"

	"encoding/asn1"

	"sohoa/pdf/revision"
	"sohoa/signing/cms"
)

// A Signer signs for a base.
type Signer struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
	Stamp func(value []byte) []byte // returns a time-stamp token; nil: none
	At    time.Time
}

// A Spec orders a signature.
type Spec struct {
	Format  string         // SubFilter; empty: ETSI.CAdES.detached
	P       int            // certify with this DocMDP level
	Perms   bool           // and say so in the catalog
	Field   revision.Dict  // further entries of the signature field
	Lock    revision.Dict  // FieldMDP parameters
	Rect    revision.Array // of the mark; nil: a small one
	Chair   bool           // sign the empty field, not a new one
	Archive []byte         // adbe-revocationInfoArchival
	CMS     func(covered []byte) []byte
}

// room is the most bytes of a signature here.
const room = 12000

// Sign signs a file as s says.
func Sign(file []byte, who Signer, s Spec) (out []byte, err error) {
	b := &Base{Name: "sign", File: file}
	return Build(b, func(b *Base) []byte { return b.sign(who, s) })
}

func (b *Base) sign(who Signer, s Spec) []byte {
	if s.Format == "" {
		s.Format = "ETSI.CAdES.detached"
	}
	if s.Rect == nil {
		s.Rect = box(400, 780, 500, 810)
	}
	u := b.open().Update()
	dict := revision.Dict{"Type": revision.Name("Sig"), "Filter": revision.Name("Adobe.PPKLite"), "SubFilter": revision.Name(s.Format),
		"M": revision.String(who.At.UTC().Format("D:20060102150405Z")), "Contents": revision.String(make([]byte, room)),
		"ByteRange": revision.Array{revision.Int(0), revision.Int(1000000001), revision.Int(1000000002), revision.Int(1000000003)}}
	dict["Reference"] = references(s)
	if len(dict["Reference"].(revision.Array)) == 0 {
		delete(dict, "Reference")
	}
	sig := u.Add(dict)
	b.hang(u, sig, s)
	if s.P > 0 && s.Perms {
		catalog, ref := b.dict()
		if o := must(u.Get(ref)); o != nil {
			catalog = o.(revision.Dict)
		}
		catalog["Perms"] = revision.Dict{"DocMDP": sig}
		u.Replace(ref, catalog)
	}
	tail := must(u.Tail())
	return b.fill(tail, who, s)
}

// references are the transforms that s orders (ISO 32000-1, 12.8.1, table 253).
func references(s Spec) revision.Array {
	out := revision.Array{}
	if s.P > 0 {
		out = append(out, revision.Dict{"Type": revision.Name("SigRef"), "TransformMethod": revision.Name("DocMDP"),
			"TransformParams": revision.Dict{"Type": revision.Name("TransformParams"), "P": revision.Int(s.P), "V": revision.Name("1.2")}})
	}
	if s.Lock != nil {
		out = append(out, revision.Dict{"Type": revision.Name("SigRef"), "TransformMethod": revision.Name("FieldMDP"), "TransformParams": s.Lock})
	}
	return out
}

// hang puts the signature into a field.
func (b *Base) hang(u *revision.Update, sig revision.Ref, s Spec) {
	look := u.Add(&revision.Stream{Dict: revision.Dict{"Type": revision.Name("XObject"), "Subtype": revision.Name("Form"), "BBox": box(0, 0, 100, 30)}, Data: []byte("0 0 100 30 re S")})
	if s.Chair {
		chair, ref := b.dict("AcroForm", "Fields", 1)
		chair["V"], chair["AP"] = sig, revision.Dict{"N": look}
		u.Replace(ref, chair)
		return
	}
	_, at := b.at(pagePath...)
	f, fref := b.dict("AcroForm")
	fields, _ := b.at("AcroForm", "Fields")
	field := revision.Dict{"Type": revision.Name("Annot"), "Subtype": revision.Name("Widget"), "FT": revision.Name("Sig"),
		"T": revision.Text(fmt.Sprintf("Sig%d", len(fields.(revision.Array)))), "V": sig, "P": at, "Rect": s.Rect, "F": revision.Int(132), "AP": revision.Dict{"N": look}}
	for k, v := range s.Field {
		field[k] = v
	}
	ref := u.Add(field)
	f["Fields"] = append(slices.Clone(fields.(revision.Array)), ref)
	f["SigFlags"] = revision.Int(3)
	u.Replace(fref, f)
	b.annotate(u, ref)
}

// fill puts ranges and signature into the room for them.
func (b *Base) fill(tail []byte, who Signer, s Spec) []byte {
	file := append(bytes.Clone(b.File), tail...)
	from := len(b.File) + bytes.Index(tail, []byte("/Contents <")) + len("/Contents ")
	to := from + 2*room + 2
	mask := "[0 1000000001 1000000002 1000000003]"
	at := len(b.File) + bytes.Index(tail, []byte(mask))
	r := fmt.Sprintf("[0 %d %d %d]", from, to, len(file)-to)
	copy(file[at:], r+"                                    "[:len(mask)-len(r)])
	covered := append(bytes.Clone(file[:from]), file[to:]...)
	der := make([]byte, 0)
	switch {
	case s.CMS != nil:
		der = s.CMS(covered)
	case s.Format == "ETSI.CAdES.detached":
		der = PAdES(who, covered)
	default:
		der = Adobe(who, covered, s.Format == "adbe.pkcs7.sha1", s.Archive)
	}
	if len(der) > room {
		panic(mistake{fmt.Sprintf("signature of %d bytes", len(der))})
	}
	hex.Encode(file[from+1:], der)
	return file
}

// PAdES signs as the house does.
func PAdES(who Signer, covered []byte) []byte {
	h := crypto.SHA256.New()
	h.Write(covered)
	s := must(cms.Sign([32]byte(h.Sum(nil)), who.Key, who.Chain))
	var token []byte
	if who.Stamp != nil {
		token = who.Stamp(s.Value())
	}
	return must(s.Marshal(token))
}

var (
	oidAttrType    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidAttrDigest  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidAttrTime    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 5}
	oidAttrArchive = asn1.ObjectIdentifier{1, 2, 840, 113583, 1, 1, 8}
	oidAttrToken   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
	oidSHA256      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidRSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}
	oidECDSASHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
	oidSigned      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
)

// Adobe signs as older programs do (ISO 32000-1, 12.8.3.3): with signing-time,
// without naming the certificate; attached, with the SHA-1 of the file within.
func Adobe(who Signer, covered []byte, attached bool, archive []byte) []byte {
	content := covered
	if attached {
		h := crypto.SHA1.New()
		h.Write(covered)
		content = h.Sum(nil)
	}
	h := crypto.SHA256.New()
	h.Write(content)
	attrs := adobeAttributes(who.At, h.Sum(nil), archive)
	var set cryptobyte.Builder
	set.AddASN1(tag.SET, func(b *cryptobyte.Builder) { b.AddBytes(attrs) })
	toSign := crypto.SHA256.New()
	toSign.Write(set.BytesOrPanic())
	value := must(who.Key.Sign(rand.Reader, toSign.Sum(nil), crypto.SHA256))
	algorithm := oidRSASHA256
	if who.Chain[0].PublicKeyAlgorithm == x509.ECDSA {
		algorithm = oidECDSASHA256
	}
	if !attached {
		content = nil
	}
	return signedData(who, content, attrs, algorithm, value)
}

func adobeAttributes(at time.Time, digest, archive []byte) []byte {
	all := [][]byte{
		attribute(oidAttrType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(cms.OIDData) }),
		attribute(oidAttrTime, func(b *cryptobyte.Builder) { b.AddASN1UTCTime(at.UTC()) }),
		attribute(oidAttrDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(digest) }),
	}
	if archive != nil {
		all = append(all, attribute(oidAttrArchive, func(b *cryptobyte.Builder) { b.AddBytes(archive) }))
	}
	slices.SortFunc(all, bytes.Compare)
	return bytes.Join(all, nil)
}

func attribute(oid asn1.ObjectIdentifier, value func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddASN1(tag.SET, value)
	})
	return b.BytesOrPanic()
}

func explicit(n int) tag.Tag { return tag.Tag(n).ContextSpecific().Constructed() }

func algorithmOf(b *cryptobyte.Builder, oid asn1.ObjectIdentifier) {
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oid) })
}

func signedData(who Signer, content, attrs []byte, algorithm asn1.ObjectIdentifier, value []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSigned)
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(tag.SET, func(b *cryptobyte.Builder) { algorithmOf(b, oidSHA256) })
				b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(cms.OIDData)
					if content != nil {
						b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
					}
				})
				b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
					for _, c := range who.Chain {
						b.AddBytes(c.Raw)
					}
				})
				b.AddASN1(tag.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { signerInfo(b, who, attrs, algorithm, value) })
				})
			})
		})
	})
	return b.BytesOrPanic()
}

func signerInfo(b *cryptobyte.Builder, who Signer, attrs []byte, algorithm asn1.ObjectIdentifier, value []byte) {
	b.AddASN1Int64(1)
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(who.Chain[0].RawIssuer)
		b.AddASN1BigInt(who.Chain[0].SerialNumber)
	})
	algorithmOf(b, oidSHA256)
	b.AddASN1(explicit(0), func(b *cryptobyte.Builder) { b.AddBytes(attrs) })
	algorithmOf(b, algorithm)
	b.AddASN1OctetString(value)
	if who.Stamp != nil {
		b.AddASN1(explicit(1), func(b *cryptobyte.Builder) {
			b.AddBytes(attribute(oidAttrToken, func(b *cryptobyte.Builder) { b.AddBytes(who.Stamp(value)) }))
		})
	}
}

// Archive returns the value of adbe-revocationInfoArchival with some lists.
func Archive(lists ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(tag.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(lists, nil)) })
		})
	})
	return b.BytesOrPanic()
}

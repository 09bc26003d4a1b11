package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/digest"
	"sohoa/dossier/neighbour"
	"sohoa/dossier/norm"
	"sohoa/dossier/notice"
	"sohoa/dossier/record"
	"sohoa/storage/archive"
	"sohoa/storage/packages"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

// opener is where files are read from.
type opener interface {
	Open(ctx context.Context, d digest.Digest) (io.ReadCloser, error)
	Stat(ctx context.Context, d digest.Digest) (int64, error)
}

// A PersonFile is what person.json says: all that the house holds on somebody, of
// what whoever asked may see.
type PersonFile struct {
	Made    time.Time       `json:"made"`
	By      string          `json:"by"` // login
	Purpose dossier.Purpose `json:"purpose"`
	Request string          `json:"request"`
	Whole   bool            `json:"whole"` // false: of the dossiers of some agencies alone
	Holder  PersonNamed     `json:"holder"`
	Merged  []PersonNamed   `json:"merged,omitempty"`

	Entries  []PersonEntry   `json:"entries"`
	Dossiers []PersonDossier `json:"dossiers"`
	Looked   []PersonLook    `json:"looked"`
	Acts     []record.Deed   `json:"acts"`
}

// A PersonNamed is somebody as the house knows them.
type PersonNamed struct {
	ID     dossier.HolderID `json:"id"`
	Number string           `json:"number"`
	Name   string           `json:"name"`
	Born   string           `json:"born,omitempty"`
}

// A PersonEntry is a paper of the record: what it says, why it is processed, how long
// it is kept, and its file if it is among those given.
type PersonEntry struct {
	ID        dossier.EntryID    `json:"id"`
	Kind      dossier.KindCode   `json:"kind"`
	Document  dossier.DocumentID `json:"document"`
	Dossier   dossier.Code       `json:"dossier"`
	Added     time.Time          `json:"added"`
	Values    record.Values      `json:"values"`
	Offered   bool               `json:"offered"`
	Withdrawn bool               `json:"withdrawn,omitempty"`
	Replaced  dossier.EntryID    `json:"replacedBy,omitempty"`
	Disposed  bool               `json:"disposed,omitempty"`
	Code      string             `json:"resultCode,omitempty"`
	Used      []dossier.Code     `json:"usedAgainBy,omitempty"`

	Ground string `json:"ground,omitempty"`
	Law    string `json:"groundLaw,omitempty"`
	Grade  string `json:"groundGrade,omitempty"`

	Kept     string `json:"keptUntil,omitempty"` // the last day, YYYY-MM-DD; empty: not known, see KeptBy
	KeptBy   string `json:"keptBy,omitempty"`    // the law
	Refusal  string `json:"refusal,omitempty"`   // why it is not deleted now, in Vietnamese
	RefusalE string `json:"refusalEN,omitempty"`

	File string `json:"file,omitempty"`
	Sum  string `json:"sha256,omitempty"`
}

// A PersonDossier is a dossier in which somebody is the holder or the applicant, with
// the papers in it.
type PersonDossier struct {
	Code      dossier.Code          `json:"code"`
	Procedure dossier.ProcedureCode `json:"procedure"`
	As        string                `json:"as"` // holder or applicant
	Receiving dossier.AgencyCode    `json:"receiving"`
	Competent dossier.AgencyCode    `json:"competent"`
	Received  time.Time             `json:"received"`
	Resolved  time.Time             `json:"resolved,omitzero"`
	Papers    []PersonPaper         `json:"papers"`

	Contacts []PersonContact   `json:"contacts,omitempty"` // where somebody is told of it
	Checks   []neighbour.Check `json:"populationChecks,omitempty"`
}

// A PersonContact is where somebody agreed to be told of a dossier. Address is the whole
// of it, if it is not forgotten and can be nobody's but theirs; Shown is covered.
type PersonContact struct {
	Channel notice.Channel `json:"channel"`
	Address string         `json:"address,omitempty"`
	Shown   string         `json:"shown"`
	Lang    string         `json:"lang"`
	At      time.Time      `json:"at"` // of the consent
	Ended   time.Time      `json:"ended,omitzero"`
}

// A PersonPaper is a paper of a dossier, archived or on its way.
type PersonPaper struct {
	ID     dossier.DocumentID `json:"id"`
	Slot   dossier.SlotCode   `json:"slot"`
	State  dossier.State      `json:"state"`
	Fields []dossier.Field    `json:"fields,omitempty"`
}

// A PersonLook is somebody who looked, or took something away.
type PersonLook struct {
	At       time.Time          `json:"at"`
	Who      string             `json:"who"` // login
	Role     dossier.Role       `json:"role"`
	Act      dossier.ReadingAct `json:"act"`
	Document dossier.DocumentID `json:"document,omitempty"`
	Dossier  dossier.Code       `json:"dossier,omitempty"`
	Purpose  dossier.Purpose    `json:"purpose"`
}

// GivePerson writes all that is held on somebody as a ZIP with a bag (RFC 8493):
// data/person.json and the archival file of each paper. That it is given out is
// entered before the first byte, with the SHA-256 of the bag's manifest, which binds
// every file. What is not the bytes that were archived breaks it off. vault opens what is
// sealed in rows; nil if nothing is.
func GivePerson(ctx context.Context, db *sqldb.DB, files opener, vault web.Vault, w io.Writer, asked web.PersonAsked) error {
	p, papers, err := gatherPerson(ctx, db, vault, asked)
	if err != nil {
		return err
	}
	told, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	told = append(told, '\n')
	var manifest strings.Builder
	fmt.Fprintf(&manifest, "%s  data/person.json\n", digest.Of(told))
	for _, x := range papers {
		fmt.Fprintf(&manifest, "%s  %s\n", x.sum, x.path)
	}
	if err := asked.Noted(ctx, digest.Of([]byte(manifest.String())).String()); err != nil {
		return err
	}
	z := packages.NewZip(w)
	for _, f := range []struct {
		path string
		b    []byte
	}{{"bagit.txt", []byte("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")}, {"manifest-sha256.txt", []byte(manifest.String())}, {"data/person.json", told}} {
		if err := z.Add(f.path, int64(len(f.b)), crc32.ChecksumIEEE(f.b), func(w io.Writer) error { _, err := w.Write(f.b); return err }); err != nil {
			return err
		}
	}
	for _, x := range papers {
		if err := addPaper(ctx, z, files, x); err != nil {
			return fmt.Errorf("%s: %w", x.path, err)
		}
	}
	return z.Close()
}

type personPaper struct {
	path string
	sum  digest.Digest
}

// addPaper reads a file twice: its length and checksum stand before it.
func addPaper(ctx context.Context, z *packages.Zip, files opener, x personPaper) error {
	size, err := files.Stat(ctx, x.sum)
	if err != nil {
		return err
	}
	crc := crc32.NewIEEE()
	if err := through(ctx, files, x.sum, crc); err != nil {
		return err
	}
	return z.Add(x.path, size, crc.Sum32(), func(w io.Writer) error { return through(ctx, files, x.sum, w) })
}

// through copies a file and holds it against its digest.
func through(ctx context.Context, files opener, sum digest.Digest, w io.Writer) error {
	r, err := files.Open(ctx, sum)
	if err != nil {
		return err
	}
	got, _, err := digest.Read(io.TeeReader(r, w))
	if err = errors.Join(err, r.Close()); err == nil && got != sum {
		err = packages.ErrBytes
	}
	return err
}

func gatherPerson(ctx context.Context, db *sqldb.DB, vault web.Vault, asked web.PersonAsked) (p PersonFile, papers []personPaper, err error) {
	p = PersonFile{Made: asked.At, Purpose: asked.Purpose, Request: asked.Why, Whole: asked.Within == nil, Holder: namedAs(asked.Holder),
		Entries: []PersonEntry{}, Dossiers: []PersonDossier{}, Looked: []PersonLook{}, Acts: []record.Deed{}}
	logins := map[dossier.PersonID]string{}
	people, err := db.People(ctx)
	if err != nil {
		return p, nil, err
	}
	for _, x := range people {
		logins[x.ID] = x.Login
	}
	p.By = logins[asked.Who]
	_, of, err := db.HolderGroup(ctx, asked.Holder.ID)
	if err != nil {
		return p, nil, err
	}
	for _, id := range of {
		if id != asked.Holder.ID {
			h, err := db.Holder(ctx, id)
			if err != nil {
				return p, nil, err
			}
			p.Merged = append(p.Merged, namedAs(h))
		}
	}
	if papers, err = p.entries(ctx, db, asked); err != nil {
		return p, nil, err
	}
	if err := p.dossiers(ctx, db, vault, asked, of); err != nil {
		return p, nil, err
	}
	if _, err := db.NumberEvents(ctx); err != nil {
		return p, nil, err
	}
	looked, err := db.LookedWithin(ctx, asked.Holder.ID, asked.Within, 0)
	if err != nil {
		return p, nil, err
	}
	for _, x := range looked {
		if x.Kind == "reading" {
			p.Looked = append(p.Looked, PersonLook{At: x.At, Who: logins[x.Who], Role: x.By, Act: x.Act, Document: x.Document, Dossier: x.Dossier, Purpose: x.Purpose})
		}
	}
	if deeds, err := db.RecordDeeds(ctx, asked.Holder.ID); err != nil || asked.Within != nil {
		return p, papers, err
	} else if deeds != nil {
		p.Acts = deeds
	}
	return p, papers, nil
}

func namedAs(h dossier.Holder) PersonNamed { return PersonNamed{h.ID, h.Number, h.Name, h.Born} }

// entries adds the record, and tells which files go with it.
func (p *PersonFile) entries(ctx context.Context, db *sqldb.DB, asked web.PersonAsked) (papers []personPaper, err error) {
	norms, err := db.Norms(ctx)
	if err != nil {
		return nil, err
	}
	all, err := db.EntriesWithin(ctx, asked.Holder.ID, asked.Within)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		x := PersonEntry{ID: e.ID, Kind: e.Kind, Document: e.Document, Dossier: e.Dossier, Added: e.Added, Values: record.ValuesOf(e),
			Offered: e.Offered(asked.At.In(dossier.VietNam).Format(time.DateOnly)), Withdrawn: e.Withdrawn, Replaced: e.Replaced, Disposed: e.Disposed}
		if n, ok := norms.On(norm.Ground, string(e.Kind), asked.At); ok {
			x.Ground, x.Law, x.Grade = n.Said, n.Cites(), string(n.Grade)
		}
		if _, x.Used, err = db.EntryWithin(ctx, e.ID, nil, asked.Within); err != nil {
			return nil, err
		}
		s, err := db.Standing(ctx, e.Document, asked.At)
		if err != nil {
			return nil, err
		}
		if until := s.Until(); !until.IsZero() {
			x.Kept = until.AddDate(0, 0, -1).Format(time.DateOnly)
		}
		if s.Rule.ID != "" {
			x.KeptBy = s.Rule.Cites()
		}
		if no := s.Refuse(asked.At); no != nil {
			x.Refusal, x.RefusalE = no.VI, no.EN
		}
		c, err := db.ResultCode(ctx, e.Document)
		if err != nil {
			return nil, err
		}
		x.Code = c.Code
		d, err := db.Document(ctx, e.Document)
		if err != nil {
			return nil, err
		}
		if _, sum, ok := d.Archival(); ok && d.Disposed.IsZero() {
			x.File, x.Sum = "data/papers/"+string(e.ID)+".pdf", sum.String()
			papers = append(papers, personPaper{x.File, sum})
		}
		p.Entries = append(p.Entries, x)
	}
	return papers, nil
}

// dossiers adds the dossiers in which somebody of a group is the holder or the
// applicant.
func (p *PersonFile) dossiers(ctx context.Context, db *sqldb.DB, vault web.Vault, asked web.PersonAsked, of []dossier.HolderID) error {
	found, err := db.Dossiers(ctx, dossier.DossierQuery{Holders: of, Within: asked.Within})
	if err != nil {
		return err
	}
	for _, d := range found {
		x := PersonDossier{Code: d.Code, Procedure: d.Procedure, As: "holder", Receiving: d.Receiving, Competent: d.Competent, Received: d.Received, Resolved: d.Resolved, Papers: []PersonPaper{}}
		if !slices.Contains(of, d.Holder) {
			x.As = "applicant"
		} else {
			docs, err := db.Documents(ctx, dossier.DocumentQuery{Dossier: d.Code, Within: asked.Within})
			if err != nil {
				return err
			}
			for _, doc := range docs {
				fields, err := db.Fields(ctx, doc.ID)
				if err != nil {
					return err
				}
				x.Papers = append(x.Papers, PersonPaper{doc.ID, doc.Slot, doc.State, fields})
			}
		}
		if x.Contacts, err = contactsOf(ctx, db, vault, d, of); err != nil {
			return err
		}
		checks, err := db.PopulationChecks(ctx, d.Code)
		if err != nil {
			return err
		}
		x.Checks = slices.DeleteFunc(checks, func(c neighbour.Check) bool { return !slices.Contains(of, c.Holder) })
		p.Dossiers = append(p.Dossiers, x)
	}
	return nil
}

// contactsOf are the contacts of a dossier. Whose they are of two people nobody noted:
// where somebody else filed it, addresses stay covered.
func contactsOf(ctx context.Context, db *sqldb.DB, vault web.Vault, d dossier.Dossier, of []dossier.HolderID) (out []PersonContact, err error) {
	found, err := db.Contacts(ctx, d.Code)
	if err != nil {
		return nil, err
	}
	theirs := slices.Contains(of, d.Holder) && (d.Applicant == "" || slices.Contains(of, d.Applicant))
	for _, c := range found {
		x := PersonContact{Channel: c.Channel, Shown: c.Shown, Lang: c.Lang, At: c.At, Ended: c.Ended}
		if theirs && c.Address != "" {
			address, err := web.KeptSecret(vault, web.ContactOwner(c.ID), c.Address)
			if err != nil {
				return nil, err
			}
			x.Address = string(address)
		}
		out = append(out, x)
	}
	return out, nil
}

// Person calls give with what a command needs to give out all that is held on a
// holder, or on that of a dossier; the house is in s.Data, and a service may be at
// work on it.
func Person(ctx context.Context, s Settings, id dossier.HolderID, of dossier.Code, give func(ctx context.Context, db *sqldb.DB, h dossier.Holder, write func(io.Writer, web.PersonAsked) error) error) error {
	return withArchive(ctx, s, func(db *sqldb.DB, main archive.Store) error {
		if of != "" {
			d, err := db.Dossier(ctx, of)
			if err != nil {
				return err
			}
			id = d.Holder
		}
		h, err := db.Holder(ctx, id)
		if err != nil {
			return err
		}
		return give(ctx, db, h, func(w io.Writer, asked web.PersonAsked) error {
			return GivePerson(ctx, db, main, vaultOf(main), w, asked)
		})
	})
}

// givePerson is [GivePerson] for the pages.
func (h *House) givePerson(ctx context.Context, w io.Writer, asked web.PersonAsked) error {
	return GivePerson(ctx, h.DB, h.Blobs, h.vault, w, asked)
}

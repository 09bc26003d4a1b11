package main

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/specimen"
	"sohoa/storage/blob/fs"
	"sohoa/storage/sqldb"
	"sohoa/web"
)

const (
	agencies   = 150 // communes of a province
	procedures = 300
	archive    = 3000 // papers that were done before
	password   = "mật khẩu của người đo"
)

func login(i int) string { return fmt.Sprintf("nguoi%03d", i) }
func token(i int) string { return fmt.Sprintf("the-token-of-%03d", i) }

// ground is what the people of the bench look at.
type ground struct {
	db     *sqldb.DB
	papers []dossier.Document
}

// lay fills a house: an organisation of a province's size, people who are logged in, papers
// that were read, and a backlog of scans.
func lay(ctx context.Context, dir string, people, backlog int) (g ground, err error) {
	if g.db, err = sqldb.Open(ctx, filepath.Join(dir, "sohoa.db"), sqldb.Options{Now: time.Now}); err != nil {
		return g, err
	}
	if err := organise(ctx, g.db, people); err != nil {
		return g, err
	}
	store, err := fs.Open(filepath.Join(dir, "blobs"))
	if err != nil {
		return g, err
	}
	press, err := specimen.NewPress()
	if err != nil {
		return g, err
	}
	scan, err := press.Paper(specimen.Application, 7, specimen.About{}).File(specimen.JPEG, 200, specimen.Office(7), 7)
	if err != nil {
		return g, err
	}
	keep := func(b []byte) (digest.Digest, error) {
		sum := digest.Of(b)
		return sum, store.Put(ctx, sum, int64(len(b)), bytes.NewReader(b))
	}
	made := map[dossier.Part]digest.Digest{}
	for part, b := range map[dossier.Part][]byte{dossier.PartScan: scan.Bytes, dossier.PartWords: []byte(`[{"width":1654,"height":2339,"dpiX":200,"dpiY":200}]`),
		dossier.PartText: []byte("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐơn đề nghị"), dossier.PartPlain: []byte("%PDF-1.7 plain")} {
		if made[part], err = keep(b); err != nil {
			return g, err
		}
	}
	for i := range archive + backlog {
		d, err := enter(ctx, g.db, i, made, scan.Bytes)
		if err == nil && i < archive {
			d, err = read(ctx, g.db, d, made)
			g.papers = append(g.papers, d)
		}
		if err != nil {
			return g, err
		}
	}
	return g, nil
}

func organise(ctx context.Context, db *sqldb.DB, people int) error {
	if err := db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "UBND tỉnh", Tier: dossier.Province}); err != nil {
		return err
	}
	for i := range agencies {
		if err := db.PutAgency(ctx, dossier.Agency{Code: dossier.AgencyCode(fmt.Sprintf("H60.%d", i+1)), Parent: "H60", Name: fmt.Sprintf("UBND xã %d", i+1), Tier: dossier.Commune}); err != nil {
			return err
		}
	}
	if err := db.PutKind(ctx, dossier.Kind{Code: "DDN", Name: "Đơn đề nghị"}); err != nil {
		return err
	}
	for i := range procedures {
		if err := db.PutProcedure(ctx, dossier.Procedure{Code: dossier.ProcedureCode(fmt.Sprintf("9.%d", i+1)), Name: fmt.Sprintf("Thủ tục %d", i+1), Level: dossier.Full,
			Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn đề nghị", Required: true, Digitise: true}}}); err != nil {
			return err
		}
	}
	hash, now := web.HashPassword(password), time.Now() // one for all: a new hash each takes minutes
	for i := range people {
		p := dossier.Person{ID: dossier.PersonID(login(i)), Login: login(i), Name: "Người " + login(i), Agency: dossier.AgencyCode(fmt.Sprintf("H60.%d", i%10+1)),
			Role: [...]dossier.Role{dossier.Counter, dossier.Officer, dossier.Clerk}[i%3]}
		if i%20 == 0 {
			p.Agency = "H60"
		}
		if err := db.PutPerson(ctx, p, hash); err != nil {
			return err
		}
		if err := db.AddSession(ctx, digest.Of([]byte(token(i))), account.Session{Person: p.ID, Browser: "program", Began: now, Proved: now, Until: now.Add(time.Hour), Idle: time.Hour}); err != nil {
			return err
		}
	}
	return nil
}

// enter opens a dossier at one of ten communes and brings a paper.
func enter(ctx context.Context, db *sqldb.DB, i int, made map[dossier.Part]digest.Digest, scan []byte) (dossier.Document, error) {
	agency := dossier.AgencyCode(fmt.Sprintf("H60.%d", i%10+1))
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: fmt.Sprintf("008199%06d", i), Name: "Nguyễn Văn An"})
	if err != nil {
		return dossier.Document{}, err
	}
	do, err := db.AddDossier(ctx, dossier.Dossier{Procedure: dossier.ProcedureCode(fmt.Sprintf("9.%d", i%procedures+1)), Receiving: agency, Competent: agency, Holder: holder.ID, Channel: dossier.Direct, Received: time.Now()}, "nguoi000")
	if err != nil {
		return dossier.Document{}, err
	}
	return db.Add(ctx, dossier.Document{Dossier: do.Code, Slot: "TP01", Media: "image/jpeg", Size: int64(len(scan)), Pages: 1, Received: time.Now(),
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: made[dossier.PartScan]}}, "nguoi000")
}

// read moves a paper to where it waits for an officer.
func read(ctx context.Context, db *sqldb.DB, d dossier.Document, made map[dossier.Part]digest.Digest) (dossier.Document, error) {
	parts := map[dossier.Act][]dossier.Part{dossier.Recognise: {dossier.PartWords, dossier.PartText}, dossier.Normalise: {dossier.PartPlain}}
	for _, act := range []dossier.Act{dossier.Recognise, dossier.Normalise} {
		c := dossier.Change{Act: act, By: dossier.Machine, Who: "w-1", At: time.Now(), Made: map[dossier.Part]digest.Digest{}}
		for _, part := range parts[act] {
			c.Made[part] = made[part]
		}
		var err error
		if d, err = db.Advance(ctx, d, c); err != nil {
			return d, err
		}
	}
	return d, nil
}

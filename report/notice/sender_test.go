package notice_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/dossier/neighbour"
	words "sohoa/dossier/notice"
	"sohoa/report/notice"
	"sohoa/storage/sqldb"
	"sohoa/storage/sqldb/sqldbtest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// post is a channel that remembers; that of the documents' protocols is tested in the
// rooms of each.
type post struct {
	name    neighbour.Name
	got     []words.Message
	to      []string
	answer  words.Outcome
	arrived bool
}

func (p *post) Name() neighbour.Name { return p.name }
func (p *post) Send(_ context.Context, to string, m words.Message) words.Outcome {
	o := p.answer
	if o.Word == "" {
		p.got, p.to, o.Remote = append(p.got, m), append(p.to, to), "r-"+m.ID
	}
	return o
}

type zalo struct{ *post }

func (z zalo) Arrived(context.Context, string) (bool, string) { return z.arrived, "" }

type house struct {
	t    *testing.T
	db   *sqldb.DB
	now  time.Time
	mail *post
	zns  *post
	s    *notice.Sender
}

var counter = account.By{Who: "p-counter", Role: dossier.Counter}

func newHouse(t *testing.T) *house {
	h := &house{t: t, now: time.Date(2026, 11, 20, 9, 0, 0, 0, dossier.VietNam), mail: &post{name: neighbour.Mail}, zns: &post{name: neighbour.ZNS}}
	h.db = sqldbtest.New(t, filepath.Join(t.TempDir(), "house.db"), func() time.Time { return h.now })
	t.Cleanup(func() { h.db.Close() })
	ctx := t.Context()
	must(t, h.db.PutAgency(ctx, dossier.Agency{Code: "H60", Name: "UBND tỉnh", Tier: dossier.Province}))
	must(t, h.db.PutAgency(ctx, dossier.Agency{Code: "H60.1", Parent: "H60", Name: "UBND xã Vĩnh Nghĩa", Tier: dossier.Commune}))
	must(t, h.db.PutKind(ctx, dossier.Kind{Code: "QD", Name: "Quyết định"}))
	must(t, h.db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận tình trạng hôn nhân", Level: dossier.Full, ResultKind: "QD"}))
	h.s = &notice.Sender{Rows: h.db, Channels: map[words.Channel]notice.Channel{words.Mail: h.mail, words.ZNS: zalo{h.zns}},
		Open: func(_, kept string) (string, error) { return kept, nil }, Stop: notice.Stops("https://h"), Now: func() time.Time { return h.now }}
	return h
}

func (h *house) open(n int) dossier.Code {
	h.t.Helper()
	p, err := h.db.PutHolder(h.t.Context(), dossier.Holder{Number: fmt.Sprintf("0081990123%02d", n), Name: "Nguyễn Văn An"})
	must(h.t, err)
	d, err := h.db.AddDossier(h.t.Context(), dossier.Dossier{Procedure: "9.1", Receiving: "H60.1", Holder: p.ID, Received: h.now, Due: h.now.AddDate(0, 0, 3)}, "p-counter")
	must(h.t, err)
	return d.Code
}

func (h *house) agree(code dossier.Code, c words.Channel, address, lang string) words.Contact {
	h.t.Helper()
	normal, err := c.Normal(address)
	must(h.t, err)
	k, err := h.db.AddContact(h.t.Context(), words.Contact{Dossier: code, Channel: c, Address: normal, Shown: c.Cover(normal), Lang: lang, Token: "token-" + normal}, counter)
	must(h.t, err)
	return k
}

func (h *house) sweep() notice.Count {
	h.t.Helper()
	_, err := h.db.NumberEvents(h.t.Context())
	must(h.t, err)
	c, err := h.s.Sweep(h.t.Context())
	must(h.t, err)
	return c
}

func (h *house) standing(code dossier.Code) (all []string) {
	h.t.Helper()
	found, err := h.db.Notices(h.t.Context(), code)
	must(h.t, err)
	for _, n := range found {
		all = append(all, fmt.Sprintf("%s %s %s", n.Kind, n.Standing, n.Said))
	}
	return all
}

func (h *house) resolve(code dossier.Code) {
	h.t.Helper()
	_, err := h.db.Resolve(h.t.Context(), code, h.now, "p-clerk")
	must(h.t, err)
}

// archived brings a result and moves it through to the archive.
func (h *house) archived(code dossier.Code) {
	h.t.Helper()
	d, err := h.db.Add(h.t.Context(), dossier.Document{ID: dossier.DocumentID("D" + string(code)), Dossier: code, Slot: dossier.ResultSlot, Kind: "QD", State: dossier.Presented, Media: "application/pdf", Pages: 1, Size: 1,
		Parts: map[dossier.Part]digest.Digest{dossier.PartScan: digest.Of([]byte(code))}}, "p-counter")
	must(h.t, err)
	for _, x := range []struct {
		act  dossier.Act
		by   dossier.Role
		part dossier.Part
	}{{dossier.Verify, dossier.Machine, dossier.PartVerdict}, {dossier.Describe, dossier.Machine, dossier.PartProposals}, {dossier.Confirm, dossier.Counter, ""}, {dossier.Archive, dossier.Machine, dossier.PartAdopted}} {
		c := dossier.Change{Act: x.act, By: x.by, Who: "p-counter", At: h.now, Made: map[dossier.Part]digest.Digest{}}
		if x.part != "" {
			c.Made[x.part] = digest.Of([]byte(string(x.part) + string(code)))
		}
		d, err = h.db.Advance(h.t.Context(), d, c)
		must(h.t, err)
	}
}

// Whoever agreed is told each thing once, in their language, and nothing is said that
// nobody needs to know.
func TestTold(t *testing.T) {
	h := newHouse(t)
	code, other := h.open(1), h.open(2)
	h.agree(code, words.Mail, "an@example.vn", "vi")
	h.agree(code, words.Mail, "joe@example.com", "en")
	if c := h.sweep(); c.Sent != 2 {
		t.Fatalf("%+v", c)
	}
	if h.mail.to[0] != "an@example.vn" || h.mail.got[0].Subject != "Hồ sơ "+string(code)+" đã được tiếp nhận" || !strings.Contains(h.mail.got[0].Text, "23/11/2026\n\nThôi nhận") ||
		!strings.Contains(h.mail.got[0].Text, "https://h/notices/stop/token-an@example.vn") || !strings.Contains(h.mail.got[1].Text, "has received dossier "+string(code)) {
		t.Errorf("%+v", h.mail.got)
	}
	h.archived(code)
	for range 2 {
		if _, err := h.db.TellContacts(t.Context(), code, words.More, "more 2026-11-20"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []dossier.Code{code, other} {
		h.resolve(c)
	}
	if c := h.sweep(); c.Sent != 6 {
		t.Errorf("%+v %v", c, h.standing(code))
	}
	if c := h.sweep(); c.Sent != 0 {
		t.Errorf("told twice: %+v", c)
	}
	for _, m := range h.mail.got {
		for _, secret := range []string{"Nguyễn", "0081990123", "hôn nhân"} {
			if strings.Contains(m.Text+m.Subject, secret) {
				t.Errorf("%s is in %q", secret, m.Text)
			}
		}
	}
	if x, err := h.db.Exchange(t.Context(), neighbour.Mail); err != nil || !x.OK.Equal(h.now) || x.Said != "" {
		t.Errorf("%+v %v", x, err)
	}
}

// Who opts out is told nothing more, also of what waits; and where they were is gone.
func TestStop(t *testing.T) {
	h := newHouse(t)
	code := h.open(1)
	h.mail.answer.Word = words.Away
	k := h.agree(code, words.Mail, "an@example.vn", "vi")
	h.sweep()
	must(t, h.db.StopByLink(t.Context(), k.Token))
	must(t, h.db.StopByLink(t.Context(), k.Token)) // twice is once
	if err := h.db.StopByLink(t.Context(), "another"); err == nil {
		t.Error("anybody's link ends")
	}
	h.mail.answer.Word = ""
	h.now = h.now.Add(time.Hour)
	h.resolve(code)
	if c := h.sweep(); c.Sent != 0 || len(h.mail.got) != 0 {
		t.Errorf("told: %+v", h.mail.got)
	}
	found, err := h.db.Contacts(t.Context(), code)
	must(t, err)
	if found[0].EndedBy != words.ByLink || found[0].Address != "" || found[0].Shown != "a***@example.vn" {
		t.Errorf("%+v", found)
	}
	if got := h.standing(code); len(got) != 1 || got[0] != "received dropped away" {
		t.Errorf("%v", got)
	}
}

// At night nothing goes out; in the morning it does. A channel gets no more in a minute
// than its rate, and what is down is not hammered.
func TestQuietAndRate(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2026, 11, 20, 22, 0, 0, 0, dossier.VietNam)
	must(t, h.db.PutSetting(t.Context(), words.RateSetting, "2", "p-admin"))
	for i := range 5 {
		h.agree(h.open(i), words.Mail, fmt.Sprintf("a%d@example.vn", i), "vi")
	}
	if c := h.sweep(); c != (notice.Count{}) {
		t.Errorf("at night: %+v", c)
	}
	h.now = h.now.Add(9 * time.Hour)
	for i, want := range []int{2, 0, 2, 1} {
		if i > 1 {
			h.now = h.now.Add(time.Minute)
		}
		if c := h.sweep(); c.Sent != want {
			t.Errorf("sweep %d: %+v, want %d", i, c, want)
		}
	}
	must(t, h.db.PutSetting(t.Context(), words.QuietSetting, "07:00-08:00", "p-admin"))
	h.agree(h.open(9), words.Mail, "b@example.vn", "vi")
	h.now = h.now.Add(time.Minute)
	if c := h.sweep(); c.Sent != 0 {
		t.Errorf("in the hours that were set: %+v", c)
	}
	h.now = h.now.Add(time.Hour)
	h.mail.answer.Word = words.Away
	h.agree(h.open(10), words.Mail, "c@example.vn", "vi")
	if c := h.sweep(); c.Failed != 1 {
		t.Errorf("%+v", c)
	}
}

// What fails is tried again with longer pauses, put aside in the end, seen, and sent when
// a person says so; what is not wanted ends by itself.
func TestDeadLetters(t *testing.T) {
	h := newHouse(t)
	must(t, h.db.PutSetting(t.Context(), words.QuietSetting, "never", "p-admin"))
	code := h.open(1)
	h.agree(code, words.Mail, "an@example.vn", "vi")
	h.mail.answer.Word = words.Away
	tries := 0
	for ; tries < 100 && h.standing(code)[0] != "received aside away"; tries++ {
		h.sweep()
		h.now = h.now.Add(6 * time.Hour)
	}
	if tries != words.MostTries {
		t.Errorf("%d tries", tries)
	}
	aside, err := h.db.NoticesAside(t.Context(), "", 10)
	must(t, err)
	if len(aside) != 1 || aside[0].Dossier != code {
		t.Fatalf("%+v", aside)
	}
	if waiting, dead, err := h.db.NoticeCounts(t.Context(), words.Mail); err != nil || waiting != 0 || dead != 1 {
		t.Errorf("%d %d %v", waiting, dead, err)
	}
	h.mail.answer.Word = ""
	must(t, h.db.ReplayNotice(t.Context(), aside[0].ID, false, counter))
	if err := h.db.ReplayNotice(t.Context(), aside[0].ID, false, counter); err == nil {
		t.Error("replayed twice")
	}
	if c := h.sweep(); c.Sent != 1 {
		t.Errorf("%+v", c)
	}
	zns := h.open(2)
	h.agree(zns, words.ZNS, "0987654321", "vi")
	if h.sweep(); h.standing(zns)[0] != "received aside no-template" {
		t.Errorf("without a template: %v", h.standing(zns))
	}
}

// A ZNS goes by the template of the nearest agency; whether it arrived is asked after.
func TestZNS(t *testing.T) {
	h := newHouse(t)
	for agency, number := range map[dossier.AgencyCode]string{"": "1", "H60": "2"} {
		_, err := h.db.PutTemplate(t.Context(), words.Template{Agency: agency, Kind: words.Received, Channel: words.ZNS, Lang: "vi", Since: "2026-11-01", Subject: number, Body: "ma = {dossier}"}, counter)
		must(t, err)
	}
	_, err := h.db.PutTemplate(t.Context(), words.Template{Agency: "H60.1", Kind: words.Received, Channel: words.ZNS, Lang: "vi", Since: "2026-12-01", Subject: "3", Body: "ma = {dossier}"}, counter)
	must(t, err)
	code := h.open(1)
	h.agree(code, words.ZNS, "0987654321", "vi")
	h.sweep()
	if len(h.zns.got) != 1 || h.zns.got[0].Subject != "2" || h.zns.got[0].Params["ma"] != string(code) || h.zns.to[0] != "84987654321" {
		t.Fatalf("%+v", h.zns.got)
	}
	h.now = h.now.Add(11 * time.Minute)
	if h.sweep(); h.standing(code)[0] != "received sent " {
		t.Errorf("%v", h.standing(code))
	}
	h.zns.arrived = true
	if h.sweep(); h.standing(code)[0] != "received sent " {
		t.Error("asked again at once")
	}
	h.now = h.now.Add(time.Hour)
	if h.sweep(); h.standing(code)[0] != "received delivered " {
		t.Errorf("%v", h.standing(code))
	}
	h.zns.answer = words.Outcome{Word: words.Unwanted, Final: true}
	h.resolve(code)
	_, err = h.db.PutTemplate(t.Context(), words.Template{Kind: words.Ready, Channel: words.ZNS, Lang: "vi", Since: "2026-11-01", Subject: "4", Body: "ma = {dossier}"}, counter)
	must(t, err)
	h.sweep()
	found, err := h.db.Contacts(t.Context(), code)
	must(t, err)
	if found[0].EndedBy != words.ByChannel || found[0].Ended.IsZero() {
		t.Errorf("%+v", found)
	}
}

// Where somebody was to be told is forgotten a month after their dossier is resolved.
func TestForgotten(t *testing.T) {
	h := newHouse(t)
	code := h.open(1)
	h.agree(code, words.Mail, "an@example.vn", "vi")
	h.resolve(code)
	for _, days := range []int{29, 31} {
		want := map[int]string{29: "an@example.vn"}[days]
		h.now = time.Date(2026, 11, 20+days, 9, 0, 0, 0, dossier.VietNam)
		h.sweep()
		found, err := h.db.Contacts(t.Context(), code)
		must(t, err)
		if found[0].Address != want {
			t.Errorf("after %d days: %q", days, found[0].Address)
		}
	}
}

package sqldb

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"

	"sohoa/dossier"
	"sohoa/storage/ledger"
)

// What is compared row by row, and the words for it. text is what people wrote,
// against the log's commitments.
const (
	laneMoves = iota
	laneMade
	laneTexts
	laneIntents
	laneCases
	laneDossiers
	laneClosings
	laneSeals
	laneSealIntents
	laneSealRenewals
	laneRules
	laneDeeds
	laneDisposals
	laneGrants
	laneDelegations
	laneGlass
	laneKeys
	laneRecords
	laneNorms
	laneRestrictions
	lanes
)

var laneTables = [lanes]string{"changes", "made", "changes (why, fields)", "intents", "events", "dossiers", "closings", "closing_seals", "closing_intents", "closing_renewals", "retention_rules", "retention_acts", "disposals", "grants", "delegations", "broken_glass", "api_keys", "record_acts", "norms", "restrictions"}

// A lane sums hashes of what events say and takes off what rows say: 0 in the
// end if they say the same. What a demonstration did is summed apart, since its
// rows go when it is removed.
type lane struct {
	sum, demo uint64
	named     map[string]told // when naming
	mine      []string        // keys of demonstrations in named
}

// told is what an event says of a row.
type told struct {
	hash  uint64
	place int64
	event ledger.Event
}

func (l *lane) start(naming bool) {
	if naming {
		l.named = map[string]told{}
	}
}

// unit stands between the columns of a row when they are hashed: it is in no id.
const unit = "\x1f"

// row hashes columns.
func (a *audit) row(columns ...string) uint64 {
	a.buf = a.buf[:0]
	for i, c := range columns {
		if i > 0 {
			a.buf = append(a.buf, unit...)
		}
		a.buf = append(a.buf, c...)
	}
	return maphash.Bytes(a.seed, a.buf)
}

// says enters what an event says. The first keys of columns are what names the
// row.
func (a *audit) says(lane int, place int64, e *ledger.Event, keys int, columns ...string) {
	l, h := &a.lanes[lane], a.row(columns...)
	if e.Demo {
		l.demo += h
	} else {
		l.sum += h
	}
	if !a.naming {
		return
	}
	key := strings.Clone(strings.Join(columns[:keys], unit))
	if l.named[key] = (told{h, place, ledger.Event{ID: strings.Clone(e.ID), Document: strings.Clone(e.Document), Dossier: strings.Clone(e.Dossier),
		Act: strings.Clone(e.Act), Who: strings.Clone(e.Who), At: e.At}}); e.Demo {
		l.mine = append(l.mine, key)
	}
}

// forgetDemo drops what demonstrations did so far: their rows were removed.
func (a *audit) forgetDemo() {
	for i := range a.lanes {
		l := &a.lanes[i]
		for _, key := range l.mine {
			delete(l.named, key)
		}
		l.demo, l.mine = 0, nil
	}
	for h, d := range a.docs {
		if d.demo {
			delete(a.docs, h)
		}
	}
}

// doc is where a document stands; nil if no event said anything of it. Documents are
// known by keyed hashes: two of ten million have the same once in 400,000 audits,
// which then ends, and accuses nobody.
func (a *audit) doc(id string) *standingDoc {
	d := a.docs[maphash.String(a.seed, id)]
	if d != nil && a.naming && d.id != id {
		a.clash = true
	}
	return d
}

// newDoc is that of a document of which nothing was said before. Their memory is taken
// many at a time.
func (a *audit) newDoc(id string, demo bool) *standingDoc {
	if len(a.room) == cap(a.room) {
		a.room = make([]standingDoc, 0, 512)
	}
	a.room = append(a.room, standingDoc{version: -1, confirmed: -1, demo: demo})
	d := &a.room[len(a.room)-1]
	if a.naming {
		d.id = strings.Clone(id)
	}
	a.docs[maphash.String(a.seed, id)] = d
	return d
}

// differs reports whether any rows say something else than the events.
func (a *audit) differs() bool {
	return slices.ContainsFunc(a.lanes[:], func(l lane) bool { return l.sum+l.demo != 0 })
}

// has takes a row off its lane, and names it if no event says the same.
func (a *audit) has(lane, keys int, row string) {
	l, h := &a.lanes[lane], maphash.String(a.seed, row)
	l.sum -= h
	if !a.naming {
		return
	}
	key := strings.Join(strings.SplitN(row, unit, keys+1)[:keys], unit)
	t, ok := l.named[key]
	delete(l.named, key)
	switch {
	case ok && t.hash == h:
	case ok:
		a.found(ledger.Found("row-changed", "hàng trong bảng %s khác với sự kiện %d: hàng đã bị sửa", "a row of %s says something else than event %d: the row was changed",
			laneTables[lane], t.place).About(t.place, t.event))
	default:
		f := ledger.Found("row-inserted", "bảng %s có hàng %s mà sổ không có sự kiện: hàng được chèn thêm", "a row of %s, %s, is in no event: it was inserted",
			laneTables[lane], strings.ReplaceAll(key, unit, " "))
		if lane <= laneTexts {
			f.Document, _, _ = strings.Cut(key, unit)
		}
		a.found(f)
	}
}

// nameRows names the events whose rows are gone.
func (a *audit) nameRows() {
	var gone []ledger.Finding
	for i, l := range a.lanes {
		for _, t := range l.named {
			gone = append(gone, ledger.Found("row-removed", "sự kiện %d không còn hàng trong bảng %s: hàng đã bị xóa", "event %d has no row in %s any more: the row was removed",
				t.place, laneTables[i]).About(t.place, t.event))
		}
	}
	slices.SortFunc(gone, func(x, y ledger.Finding) int { return cmp.Compare(x.Place, y.Place) })
	for _, f := range gone {
		a.found(f)
	}
}

// A standingDoc is where a document stands by the events so far.
type standingDoc struct {
	id      string // when naming
	state   dossier.State
	version int64
	demo    bool
	parts   uint64 // sum over its files
	where   uint64 // dossier, slot and kind
	changed int64
	place   int64 // of its newest event
	seen    bool  // its row was

	// When reading pages, of its rows: hashes of the reason of its newest change, of the
	// fields that were confirmed last and at which version (-1: never), and of kind and
	// dossier; when it was disposed of; and whether it is on a record.
	why, fields, filed  uint64
	confirmed, disposed int64
	entered             bool
}

// replay takes the event of a.line into account. place is -1 of one that waits for
// its place. Most events are moves and readings: of a move what is needed is looked
// at where it stands, and a reading is in the log alone.
func (a *audit) replay(place int64) {
	kind, e := a.line.Kind(), &a.e
	if a.naming || kind != ledger.Move && kind != ledger.Reading {
		a.line.Into(e)
	}
	switch kind {
	case ledger.Move:
		e.Demo = a.line.Demo()
		a.move(place)
	case ledger.Intent:
		a.says(laneIntents, place, e, 1, e.ID, e.Document, strconv.FormatInt(e.Version, 10), e.Purpose, e.Sum, e.Subject, strconv.FormatInt(e.At, 10))
	case ledger.Closing:
		a.closing(place, e)
	case ledger.Retention:
		a.kept(place, e)
	case ledger.Record:
		a.recorded(place, e, strconv.FormatInt(e.At, 10))
	case ledger.House:
		a.granted(place, e)
		a.stoodIn(place, e)
		a.keyed(place, e)
		a.restricted(place, e)
	case ledger.Case:
		a.says(laneCases, place, e, 1, e.ID, e.Dossier, e.Act, e.Who, strconv.FormatInt(e.At, 10), e.Slot, e.Entry, strconv.FormatInt(e.Amount, 10))
		switch dossier.EventAct(e.Act) {
		case dossier.DossierReceived:
			a.says(laneDossiers, place, e, 2, "received", e.Dossier, e.Holder, e.Subject, strconv.FormatInt(e.At, 10))
		case dossier.DossierResolved:
			a.says(laneDossiers, place, e, 2, "resolved", e.Dossier, strconv.FormatInt(e.At, 10))
		case DemoRemoved:
			a.forgetDemo()
		}
	}
}

// closing takes an event of a closed month into account.
func (a *audit) closing(place int64, e *ledger.Event) {
	version, at := strconv.FormatInt(e.Version, 10), strconv.FormatInt(e.At, 10)
	switch e.Act {
	case sealAct:
		a.says(laneSeals, place, e, 1, e.ID, e.Subject, version, fileOf(e, reportPart), fileOf(e, signaturePart), e.Entry, at)
	case renewSealAct:
		says := []string{e.ID, e.Subject, version, strconv.FormatInt(e.Amount, 10), fileOf(e, reportPart)}
		if sum := fileOf(e, evidencePart); sum != "" {
			says = append(says, sum)
		}
		a.says(laneSealRenewals, place, e, 1, append(says, at)...)
	case intendSealAct:
		a.says(laneSealIntents, place, e, 1, e.ID, e.Subject, version, e.Purpose, e.Sum, e.Entry, at)
	default:
		a.says(laneClosings, place, e, 1, e.ID, e.Subject, version, fileOf(e, statementPart), fileOf(e, factsPart), strconv.FormatInt(e.Amount, 10), e.Who, at)
	}
}

// move holds a move against the state table and the document's moves before. Of
// a.e it needs more than Demo only when naming.
func (a *audit) move(place int64) {
	l, e, id, version := &a.line, &a.e, a.line.Document(), a.line.VersionDigits()
	act, role := l.Act(), l.Role()
	a.says(laneMoves, place, e, 2, id, version, act, role, l.Who(), l.AtDigits())
	if text := l.Commitment(); text != "" {
		a.says(laneTexts, place, e, 2, id, version, text)
	}
	d := a.doc(id)
	known := d != nil
	if !known {
		d = a.newDoc(id, e.Demo)
	}
	a.made = l.Made(a.made[:0])
	for _, m := range a.made {
		a.says(laneMade, place, e, 3, id, version, m.Part, m.Sum)
		d.parts += a.row(m.Part, m.Sum)
	}
	to := dossier.State(l.State())
	next, err := dossier.Next(d.state, dossier.Act(act), dossier.Role(role))
	if first := l.Version == 0 && !known; first {
		d.where = a.row(l.Dossier(), l.Slot(), l.Subject())
		next, err = dossier.State(strings.Clone(string(to))), nil
		if dossier.Act(act) != dossier.Receive || !slices.Contains(dossier.Starts(), to) {
			err = dossier.ErrForbidden
		}
	}
	if l.Version != d.version+1 || err != nil || next != to {
		l.Into(e)
		a.found(ledger.Found("order", "sự kiện %d đưa giấy tờ tới lần %d (%s), nhưng trước đó nó ở lần %d (%s): sổ thiếu hoặc sai thứ tự",
			"event %d brings the document to version %d (%s) from version %d (%s): an event is missing, or out of order", place, l.Version, to, d.version, d.state).About(place, *e))
	}
	if next != to { // not a word of the table, whose memory lasts
		next = dossier.State(strings.Clone(string(to)))
	}
	d.version, d.state, d.changed, d.place = l.Version, next, l.At, place
}

// waiting replays what is written and not numbered yet.
func (a *audit) waiting() error {
	return a.scan("SELECT event FROM log_pending ORDER BY id", 1, func(v []driver.Value) error {
		a.report.Waiting++
		if err := a.line.Read(said(v[0])); err != nil {
			a.found(ledger.Found("form", "một sự kiện chưa đánh số không đúng dạng chuẩn", "an event that is not numbered yet is not in canonical form"))
			return nil
		}
		a.replay(-1)
		return nil
	})
}

// comparisons are queries that say what an event would, in its order: one column,
// since columns cost more than rows do.
type comparison struct {
	lane, keys int
	query      string
}

// ofEach are those of which there are as many as events.
var ofEach = []comparison{
	{laneMoves, 2, "SELECT document||$u||version||$u||act||$u||role||$u||who||$u||at FROM changes"},
	{laneMade, 3, "SELECT document||$u||version||$u||part||$u||digest FROM made"},
	{laneIntents, 1, "SELECT id||$u||document||$u||version||$u||purpose||$u||to_sign||$u||signer||$u||at FROM intents"},
	{laneCases, 1, "SELECT id||$u||COALESCE(dossier, '')||$u||act||$u||who||$u||at||$u||slot||$u||entry||$u||amount FROM events"},
	{laneDossiers, 2, "SELECT 'received'||$u||code||$u||holder||$u||procedure||$u||received FROM dossiers"},
	{laneDossiers, 2, "SELECT 'resolved'||$u||code||$u||resolved FROM dossiers WHERE resolved IS NOT NULL"},
}

// ofFew are the others.
var ofFew = []comparison{
	{laneClosings, 1, "SELECT id||$u||period||$u||version||$u||digest||$u||facts||$u||counted||$u||who||$u||at FROM closings"},
	{laneDisposals, 2, "SELECT 'disposed'||$u||document||$u||at||$u||approver FROM disposals"},
	{laneDisposals, 2, "SELECT 'certified'||$u||document||$u||certificate||$u||rule||$u||proposer||$u||approver||$u||certified||$u||(SELECT COUNT(*) FROM disposal_files f WHERE f.document = d.document AND f.fate <> 'gone') FROM disposals d WHERE certificate <> ''"},
	{laneDisposals, 3, "SELECT 'gone'||$u||document||$u||part||$u||sum FROM disposal_files WHERE fate = 'gone'"},
	{laneSeals, 1, "SELECT id||$u||period||$u||version||$u||report||$u||signature||$u||agency||$u||at FROM closing_seals"},
	{laneSealIntents, 1, "SELECT id||$u||period||$u||version||$u||purpose||$u||to_sign||$u||signer||$u||at FROM closing_intents"},
	{laneSealRenewals, 1, "SELECT id||$u||period||$u||version||$u||n||$u||report||CASE WHEN evidence = '' THEN '' ELSE $u||evidence END||$u||at FROM closing_renewals"},
}

// compare asks for rows.
func (a *audit) compare(list []comparison) error {
	for _, c := range list {
		query := strings.ReplaceAll(c.query, "$u", "'"+unit+"'")
		if err := a.scan(query, 1, func(v []driver.Value) error {
			a.has(c.lane, c.keys, said(v[0]))
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// fewRows compares rows of which there are few.
func (a *audit) fewRows() error {
	return errors.Join(a.compare(ofFew), a.keptRows(), a.grantRows(), a.deputyRows(), a.keyRows(), a.recordRows(), a.normRows(), a.restrictionRows())
}

// rows compares the rows that say what events say.
func (a *audit) rows() error {
	if err := errors.Join(a.compare(ofEach), a.fewRows()); err != nil {
		return err
	}
	return a.scan(`SELECT c.document, c.version, c.why, c.fields, s.salt FROM changes c
		LEFT JOIN log_salts s ON s.document = c.document AND s.version = c.version
		WHERE c.why <> '' OR c.fields NOT IN ('null', '[]', '') OR s.salt IS NOT NULL`, 5, func(v []driver.Value) error {
		a.has(laneTexts, 2, strings.Join([]string{said(v[0]), said(v[1]), ledger.Commit(said(v[4]), said(v[2]), said(v[3]))}, unit))
		return nil
	})
}

// documents compares where documents stand with where their moves led.
func (a *audit) documents() error {
	err := a.scan("SELECT id, state, version, parts, changed, dossier, slot, kind FROM documents", 8, func(v []driver.Value) error {
		a.report.Documents++
		id := said(v[0])
		d := a.doc(id)
		if d == nil {
			f := ledger.Found("document", "giấy tờ không có sự kiện nào trong sổ: hàng được chèn thêm", "the document has no event in the log: its row was inserted")
			f.Document = id
			a.found(f)
			return nil
		}
		d.seen = true
		parts, version := a.partsOf(said(v[3])), said(v[2])
		if said(v[1]) == string(d.state) && version == strconv.FormatInt(d.version, 10) && parts == d.parts &&
			said(v[4]) == strconv.FormatInt(d.changed, 10) && a.row(said(v[5]), said(v[6]), said(v[7])) == d.where {
			return nil
		}
		f := ledger.Found("document", "hàng của giấy tờ (%s, lần %s) khác với các sự kiện (%s, lần %d): trạng thái, tệp, thời điểm, hồ sơ hoặc loại đã bị sửa",
			"the document's row (%s, version %s) is not what its events led to (%s, version %d): state, files, time, dossier or kind were changed",
			said(v[1]), version, d.state, d.version).About(d.place, ledger.Event{Document: id, At: d.changed})
		a.found(f)
		return nil
	})
	if err != nil {
		return err
	}
	var gone []*standingDoc
	for _, d := range a.docs {
		if !d.seen {
			gone = append(gone, d)
		}
	}
	slices.SortFunc(gone, func(x, y *standingDoc) int { return strings.Compare(x.id, y.id) })
	for _, d := range gone {
		a.found(ledger.Found("document", "giấy tờ có trong sổ nhưng hàng của nó đã bị xóa", "the document is in the log, and its row was removed").
			About(d.place, ledger.Event{Document: d.id, At: d.changed}))
	}
	return nil
}

// partsOf sums over the JSON object of a document's files, as sqldb writes it; of
// anything else it is no sum.
func (a *audit) partsOf(s string) (sum uint64) {
	if s == "{}" {
		return 0
	}
	if !strings.HasPrefix(s, `{"`) || !strings.HasSuffix(s, `"}`) {
		return a.row("no files", s)
	}
	for left := s[1 : len(s)-1]; ; left = left[1:] {
		part, rest, named := strings.Cut(left[1:], `":"`)
		digest, after, whole := strings.Cut(rest, `"`)
		if !named || !whole || after != "" && !strings.HasPrefix(after, `,"`) {
			return a.row("no files", s)
		}
		sum += a.row(part, digest)
		if left = after; left == "" {
			return sum
		}
	}
}

// beside are rules between rows that no event tells alone: each query lists
// documents that break one.
var beside = [...]struct{ query, viet, english string }{
	{`SELECT d.id FROM documents d JOIN changes c ON c.document = d.id AND c.version = d.version
		WHERE d.why <> CASE WHEN c.act IN ('refuse', 'doubt', 'return', 'take-back') THEN c.why ELSE '' END`,
		"lý do trong hàng của giấy tờ khác với sổ", "the reason in the document's row is not the ledger's"},
	{`SELECT d.id FROM documents d JOIN changes c ON c.document = d.id AND c.act = 'confirm' WHERE d.fields <> c.fields
		AND NOT EXISTS (SELECT 1 FROM changes n WHERE n.document = d.id AND n.act = 'confirm' AND n.version > c.version)`,
		"trường dữ liệu trong hàng của giấy tờ khác với lúc xác nhận", "the fields in the document's row are not those that were confirmed"},
	{`SELECT d.id FROM documents d LEFT JOIN entries e ON e.document = d.id WHERE (d.state = 'archived') <> (e.id IS NOT NULL)`,
		"giấy tờ đã lưu trữ mà không có trong kho của chủ hồ sơ, hoặc ngược lại", "an archived document is not on its holder's record, or one that is not archived is"},
	{`SELECT e.document FROM entries e JOIN documents d ON d.id = e.document JOIN dossiers o ON o.code = d.dossier
		WHERE e.kind <> d.kind OR e.holder <> o.holder OR e.dossier <> d.dossier`,
		"mục trong kho ghi khác giấy tờ hoặc khác chủ hồ sơ", "the entry on the record names another kind, dossier or holder than its document"},
	{`SELECT d.id FROM documents d LEFT JOIN disposals p ON p.document = d.id WHERE d.disposed <> COALESCE(p.at, 0)`,
		"hàng của giấy tờ ghi đã xét hủy, hoặc chưa, khác với sổ", "the document's row says that it was disposed of, or not, and the ledger says otherwise"},
	{`SELECT r.dossier||' '||r.slot FROM reuses r WHERE NOT EXISTS (
		SELECT 1 FROM events e WHERE e.dossier = r.dossier AND e.slot = r.slot AND e.entry = r.entry AND e.act = 'reused')`,
		"giấy tờ dùng lại mà sổ không ghi", "a paper is used again and the ledger does not say so"},
}

func (a *audit) beside() error {
	for _, b := range beside {
		if err := a.scan(b.query, 1, func(v []driver.Value) error {
			a.found(ledger.Finding{Code: "row-changed", Place: -1, Document: said(v[0]), Viet: b.viet, English: b.english})
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

package wire

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"

	"sohoa/dossier/digest"
	"sohoa/dossier/fixity"
	"sohoa/storage/archive"
	"sohoa/storage/blob"
	"sohoa/storage/blob/s3"
	"sohoa/storage/sqldb"
)

// stores opens every store and does in it what the house does.
func (d doctor) stores(ctx context.Context) []Finding {
	d.s = d.ruled(ctx)
	out := d.store(ctx, fixity.Main, d.s.main())
	if !d.s.Second.set() {
		return append(out, Finding{What: "store-second", State: Note, VI: "chưa có kho thứ hai: tệp hỏng không khôi phục được", EN: "there is no second store: what is damaged cannot be mended",
			DoVI: "đặt SOHOA_SECOND_DIR (đĩa khác) hoặc SOHOA_SECOND_S3_ENDPOINT", DoEN: "set SOHOA_SECOND_DIR (on another disk) or SOHOA_SECOND_S3_ENDPOINT"})
	}
	return append(out, d.store(ctx, fixity.Second, d.s.Second)...)
}

func (d doctor) store(ctx context.Context, name fixity.Store, p Place) []Finding {
	what := "store-" + string(name)
	if _, err := os.Stat(d.s.Data); err != nil && p.S3.Endpoint == "" && p.Dir == d.s.main().Dir {
		return nil // the first start makes it
	}
	s, err := openPlace(ctx, p, d.s)
	if err != nil {
		return []Finding{broken(what, err, "kiểm tra thiết lập của kho này (thư mục, máy chủ, khóa)", "look at the settings of this store: directory, server, keys")}
	}
	if err := tryStore(ctx, s); err != nil {
		return []Finding{broken(what, err, "kho không ghi hoặc không đọc lại được: kiểm tra đĩa, quyền, máy chủ", "the store does not keep or give back: look at disk, rights, server")}
	}
	out := []Finding{well(what, "ghi, đọc lại, xóa được", "puts, reads back, removes")}
	if p.Seal.Ring == "" {
		out = append(out, Finding{What: what + "-seal", State: Note, VI: "tệp nằm ở dạng không mã hóa", EN: "files lie there in the clear",
			DoVI: "sohoa store ring, đặt …_SEAL_RING và …_SEAL_KEY, rồi sohoa store seal " + string(name), DoEN: "sohoa store ring, set …_SEAL_RING and …_SEAL_KEY, then sohoa store seal " + string(name)})
	} else {
		out = append(out, well(what+"-seal", "tệp được mã hóa, vòng khóa mở được", "files are encrypted, the ring of keys opens"))
	}
	if p.S3.Endpoint != "" {
		out = append(out, d.bucket(ctx, what, p)...)
	}
	return out
}

// tryStore puts a blob of its own, reads it back and removes it. In a bucket
// whose objects are locked it stays until its lock ends.
func tryStore(ctx context.Context, s archive.Store) error {
	b := []byte("doctor " + rand.Text())
	sum := digest.Of(b)
	if err := s.Put(ctx, sum, int64(len(b)), bytes.NewReader(b)); err != nil {
		return err
	}
	r, err := s.Open(ctx, sum)
	if err != nil {
		return err
	}
	_, n, err := digest.Read(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if n != int64(len(b)) {
		return blob.ErrCorrupt
	}
	if err := s.Remove(ctx, sum); err != nil && !errors.Is(err, s3.ErrDenied) {
		return err
	}
	return nil
}

// bucket tries what the server of a bucket truly enforces.
func (d doctor) bucket(ctx context.Context, what string, p Place) []Finding {
	s, err := openBucket(ctx, p.S3, d.s)
	if err != nil {
		return []Finding{broken(what+"-probe", err, "kiểm tra máy chủ S3", "look at the S3 server")}
	}
	found, err := s.Probe(ctx)
	if err != nil {
		return []Finding{broken(what+"-probe", err, "kiểm tra máy chủ S3 và quyền của khóa", "look at the S3 server and the rights of the key")}
	}
	told := fmt.Sprintf("conditional put: %t, in parts: %t; signature: %t; checksum: %t, of parts: %t; versions: %s; governance: %s; compliance: %s; hold: %s, after a retention: %s",
		found.Conditional, found.ConditionalParts, found.Signature, found.Checksum, found.ChecksumParts, found.Versioning, found.Governance, found.Compliance, found.Hold, found.HoldAfter)
	out := []Finding{well(what+"-probe", "đã thử thật: "+told, "tried by doing: "+told)}
	lock := s.Lock()
	weak := lock.Mode == "governance" && found.Governance != s3.Held || lock.Mode == "compliance" && found.Compliance != s3.Held || lock.Hold && found.Hold != s3.Held
	switch {
	case weak:
		out = append(out, Finding{What: what + "-lock", State: Broken, VI: "thiết lập khóa đối tượng (" + lock.String() + ") nhưng máy chủ không giữ", EN: "new objects are to be locked (" + lock.String() + "), and the server does not hold them",
			DoVI: "bật object lock cho bucket, hoặc dùng máy chủ khác", DoEN: "make the bucket with object lock, or use another server"})
	case lock.String() == "":
		out = append(out, Finding{What: what + "-lock", State: Note, VI: "không khóa đối tượng mới", EN: "new objects are not locked", DoVI: "đặt …_S3_LOCK=governance:NGÀY", DoEN: "set …_S3_LOCK=governance:DAYS"})
	case d.s.leastKept > 0 && p.S3.lockedDays() > d.s.leastKept:
		out = append(out, Finding{What: what + "-lock", State: Note,
			VI:   fmt.Sprintf("khóa đối tượng đặt %d ngày, dài hơn thời hạn lưu trữ ngắn nhất (%d ngày): đối tượng mới chỉ khóa tới đó", p.S3.lockedDays(), d.s.leastKept),
			EN:   fmt.Sprintf("the object lock of %d days is longer than the shortest retention period, %d days: new objects are locked for that long only", p.S3.lockedDays(), d.s.leastKept),
			DoVI: "rút ngắn …_S3_LOCK; đối tượng cũ còn khóa thì việc hủy chờ tới khi hết khóa", DoEN: "a shorter …_S3_LOCK; disposal of objects that are locked for longer waits for their lock"})
	case lock.Hold:
		out = append(out, Finding{What: what + "-lock", State: Note, VI: "đối tượng mới có lệnh giữ của kho (" + lock.String() + "): khi hủy phải có người gỡ lệnh đó ở kho", EN: "new objects get a hold of the store's own (" + lock.String() + "): somebody has to lift it there before a disposal can end",
			DoVI: "bỏ …_S3_HOLD: lệnh giữ đã do cơ sở dữ liệu quản (sohoa retention hold)", DoEN: "unset …_S3_HOLD: holds are the database's (sohoa retention hold)"})
	default:
		out = append(out, well(what+"-lock", "đối tượng mới bị khóa: "+lock.String(), "new objects are locked: "+lock.String()))
	}
	out = append(out, d.fenceFinding(what, p, found))
	if len(found.Left) > 0 {
		out = append(out, Finding{What: what + "-left", State: Note, VI: fmt.Sprintf("%d đối tượng thử chưa xóa được, bucket tự khóa", len(found.Left)), EN: fmt.Sprintf("%d objects of the probe could not be removed: the bucket locks them", len(found.Left))})
	}
	return out
}

// ruled is the settings with what the rules say, if rows are there and in order.
func (d doctor) ruled(ctx context.Context) Settings {
	if h, there, err := d.health(ctx); !there || err != nil || h.Have != h.Want || len(h.Faults) > 0 {
		return d.s
	}
	db, err := openRowsAt(ctx, d.s)
	if err != nil {
		return d.s
	}
	defer db.Close()
	if s, err := d.s.under(ctx, db); err == nil {
		return s
	}
	return d.s
}

// newestFiles is how many of the newest files are looked for: a store that is
// older than the rows lacks those.
const newestFiles = 50

// files says how the archive is, and whether rows and files are of one age.
func (d doctor) files(ctx context.Context) []Finding {
	h, there, err := d.health(ctx)
	if !there && err == nil {
		return nil
	}
	if err != nil || h.Have != h.Want || len(h.Faults) > 0 {
		return []Finding{{What: "files", State: Note, VI: "chưa xem được: cơ sở dữ liệu chưa sẵn sàng", EN: "cannot be looked at before the database is in order"}}
	}
	db, err := openRowsAt(ctx, d.s)
	if err != nil {
		return []Finding{broken("files", err, restoreVI, restoreEN)}
	}
	defer db.Close()
	stores := []fixity.Store{fixity.Main}
	if d.s.Second.set() {
		stores = append(stores, fixity.Second)
	}
	r, err := archive.ReportOf(ctx, db, d.s.fixity(), d.s.now(), stores)
	if err != nil {
		return []Finding{broken("files", err, restoreVI, restoreEN)}
	}
	out := []Finding{sound(r)}
	for _, t := range r.Stores {
		if t.Prunable > 0 {
			out = append(out, Finding{What: "orphans-" + string(t.Store), State: Note, VI: fmt.Sprintf("%d tệp không hồ sơ nào nhắc tới đã hơn 30 ngày", t.Prunable), EN: fmt.Sprintf("no row has named %d files for 30 days", t.Prunable),
				DoVI: "nếu vừa khôi phục cơ sở dữ liệu cũ thì ĐỪNG dọn, xem docs/operations.md; nếu không: sohoa fixity --prune", DoEN: "if an older database was restored do NOT prune, see docs/operations.md; else: sohoa fixity --prune"})
		}
	}
	return append(out, d.newest(ctx, db)...)
}

func sound(r fixity.Report) Finding {
	switch {
	case r.CountBad() > 0:
		return Finding{What: "files", State: Broken, VI: fmt.Sprintf("%d tệp hỏng, mất hoặc không đọc được", r.CountBad()), EN: fmt.Sprintf("%d files are damaged, missing or unreadable", r.CountBad()),
			DoVI: "sohoa fixity cho biết tệp nào; lấy lại từ bản sao lưu, rồi sohoa fixity --now", DoEN: "sohoa fixity names them; bring them back from a backup, then sohoa fixity --now"}
	case r.Overdue():
		return Finding{What: "files", State: Broken, VI: "có tệp quá hạn kiểm tra", EN: "some files were not looked at in time", DoVI: "sohoa fixity --now, hoặc tăng SOHOA_FIXITY_PACE", DoEN: "sohoa fixity --now, or a higher SOHOA_FIXITY_PACE"}
	}
	return well("files", "mọi tệp đã kiểm tra đều nguyên vẹn", "all files that were looked at are as they were kept")
}

// newest looks whether the newest files are there.
func (d doctor) newest(ctx context.Context, db *sqldb.DB) []Finding {
	list, err := db.NewestFiles(ctx, newestFiles)
	if err != nil {
		return []Finding{broken("files-newest", err, restoreVI, restoreEN)}
	}
	s, err := openBlobs(ctx, d.s)
	if err != nil {
		return nil // told of the store already
	}
	missing := 0
	for _, sum := range list {
		if _, err := s.Stat(ctx, sum); errors.Is(err, blob.ErrNotFound) {
			missing++
		}
	}
	if missing > 0 {
		return []Finding{{What: "files-newest", State: Broken, VI: fmt.Sprintf("%d trong %d tệp mới nhất không có trong kho chính: kho cũ hơn cơ sở dữ liệu", missing, len(list)),
			EN:   fmt.Sprintf("%d of the %d newest files are not in the main store: it is older than the database", missing, len(list)),
			DoVI: "xem docs/operations.md, «Kho cũ hơn cơ sở dữ liệu»", DoEN: "see docs/operations.md, \"files older than the database\""}}
	}
	return []Finding{well("files-newest", fmt.Sprintf("%d tệp mới nhất đều có", len(list)), fmt.Sprintf("the %d newest files are there", len(list)))}
}

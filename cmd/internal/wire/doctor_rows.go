package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"sohoa/storage/sqldb"
	"sohoa/workers/asynqueue"
)

const (
	restoreVI = "khôi phục từ bản sao lưu bằng sohoa restore, xem docs/operations.md"
	restoreEN = "restore a backup with sohoa restore, see docs/operations.md"
)

// health is how the database is, and whether there is one.
func (d doctor) health(ctx context.Context) (h sqldb.Health, there bool, err error) {
	if d.s.Database != "" {
		s, err := sqldb.InspectPostgres(ctx, d.s.Database, d.s.now)
		return s.Health, s.There, err
	}
	path := filepath.Join(d.s.Data, "sohoa.db")
	if _, err := os.Stat(path); err != nil {
		return h, false, nil
	}
	h, err = sqldb.Inspect(ctx, path)
	return h, true, err
}

// database looks at the rows, and on PostgreSQL at the server under them.
func (d doctor) database(ctx context.Context) (out []Finding) {
	if d.s.Database != "" {
		return d.postgres(ctx)
	}
	h, there, err := d.health(ctx)
	if !there {
		return []Finding{noDatabase()}
	}
	switch {
	case err != nil:
		return []Finding{broken("database", err, restoreVI, restoreEN)}
	case len(h.Faults) > 0:
		return []Finding{broken("database", errors.New(spoken(h.Faults)), restoreVI, restoreEN)}
	}
	return d.versions(h)
}

func noDatabase() Finding {
	return Finding{What: "database", State: Note, VI: "chưa có cơ sở dữ liệu", EN: "there is no database yet",
		DoVI: "lần chạy sohoa serve đầu tiên sẽ tạo", DoEN: "the first sohoa serve makes it"}
}

// versions says whether this program and the tables fit, and whether the clock
// went back behind the ledger.
func (d doctor) versions(h sqldb.Health) []Finding {
	if h.Have > h.Want {
		return []Finding{{What: "database", State: Broken, VI: fmt.Sprintf("bảng phiên bản %d, chương trình chỉ biết %d", h.Have, h.Want),
			EN: fmt.Sprintf("its tables have version %d, this program knows %d", h.Have, h.Want), DoVI: "dùng chương trình mới hơn", DoEN: "use a newer program"}}
	}
	out := []Finding{well("database", fmt.Sprintf("toàn vẹn, phiên bản %d", h.Have), fmt.Sprintf("sound, version %d", h.Have))}
	if h.Have < h.Want {
		out = append(out, Finding{What: "database-version", State: Note, VI: fmt.Sprintf("sẽ nâng lên phiên bản %d khi khởi động", h.Want),
			EN: fmt.Sprintf("the next start brings it to version %d", h.Want), DoVI: "sao lưu trước bằng sohoa backup", DoEN: "make a backup first, with sohoa backup"})
	}
	if late := h.Newest.Sub(d.s.now()); late > time.Minute {
		out = append(out, Finding{What: "clock-ledger", State: Broken,
			VI:   fmt.Sprintf("nhật ký có mục mới nhất lúc %s, sau đồng hồ máy %s", h.Newest.Format(time.RFC3339), late.Round(time.Second)),
			EN:   fmt.Sprintf("the newest act in the ledger is of %s, %s after this machine's clock", h.Newest.Format(time.RFC3339), late.Round(time.Second)),
			DoVI: "đồng hồ đã lùi: dừng dịch vụ, chỉnh giờ bằng NTP rồi chạy lại", DoEN: "the clock went back: stop the service, set the time by NTP, start again"})
	}
	return out
}

// The oldest PostgreSQL that has all that the tables use, and the oldest that its
// makers still mend (postgresql.org/support/versioning, November 2026).
const (
	oldestPostgres   = 120000
	maintainPostgres = 140000
)

// connections are as many as one house takes.
const connections = 16

// postgres looks at everything that can be wrong with a PostgreSQL, each on its
// own.
func (d doctor) postgres(ctx context.Context) (out []Finding) {
	s, err := sqldb.InspectPostgres(ctx, d.s.Database, d.s.now)
	if err != nil {
		return []Finding{broken("database", err, "kiểm tra máy chủ PostgreSQL, SOHOA_DATABASE_URL, mật khẩu (passfile) và pg_hba.conf",
			"look at the PostgreSQL server, SOHOA_DATABASE_URL, the password (passfile) and pg_hba.conf")}
	}
	told := fmt.Sprintf("PostgreSQL %s, %s, collation %s, time zone %s", s.Version, s.Encoding, s.Collation, s.TimeZone)
	out = append(out, well("postgres", told, told))
	out = append(out, serverFindings(s)...)
	out = append(out, tableFindings(s)...)
	if !s.There {
		return append(out, noDatabase())
	}
	return append(out, d.versions(s.Health)...)
}

// serverFindings are what is wrong with the server and the way to it.
func serverFindings(s sqldb.Server) (out []Finding) {
	add := func(when bool, what string, state Standing, vi, en, doVI, doEN string) {
		if when {
			out = append(out, Finding{"postgres-" + what, state, vi, en, doVI, doEN})
		}
	}
	add(s.Number < oldestPostgres, "version", Broken, "PostgreSQL quá cũ: cần 12 trở lên", "this PostgreSQL is too old: 12 or newer is needed", "nâng cấp máy chủ", "upgrade the server")
	add(s.Number >= oldestPostgres && s.Number < maintainPostgres, "version", Note, "PostgreSQL này không còn được sửa lỗi", "this PostgreSQL is no longer maintained by its makers", "nâng cấp máy chủ", "upgrade the server")
	add(s.Encoding != "UTF8", "encoding", Broken, "bảng mã "+s.Encoding+" không giữ được tiếng Việt", "encoding "+s.Encoding+" cannot keep Vietnamese", "tạo cơ sở dữ liệu với ENCODING 'UTF8' rồi sohoa restore vào đó", "make a database with ENCODING 'UTF8', and sohoa restore into it")
	add(len(s.Unsafe) > 0, "durability", Broken, "mất điện là mất dữ liệu đã ghi: "+spoken(s.Unsafe), "a power cut loses what was committed: "+spoken(s.Unsafe), "bật lại trong postgresql.conf, ALTER ROLE, ALTER DATABASE hoặc địa chỉ kết nối", "turn it on again, in postgresql.conf, ALTER ROLE, ALTER DATABASE or the address")
	add(!s.Sums, "checksums", Note, "trang dữ liệu không có mã kiểm: đĩa hỏng ngầm không ai biết", "pages have no checksums: silent damage on the disk is not noticed", "dừng máy chủ, pg_checksums --enable", "stop the server, pg_checksums --enable")
	add(s.ReadOnly != "", "read-only", Broken, "không ghi được: "+s.ReadOnly, "nothing can be written: "+s.ReadOnly, "trỏ SOHOA_DATABASE_URL tới máy chủ chính", "point SOHOA_DATABASE_URL to the primary server")
	add(s.Super, "superuser", Note, "kết nối bằng quyền quản trị máy chủ", "the house connects as an administrator of the server", "tạo vai trò riêng, chỉ sở hữu lược đồ của Sohoa", "make a role of its own that owns Sohoa's schema and nothing else")
	add(s.Open, "tls", Note, "dữ liệu qua mạng tới PostgreSQL không mã hóa", "what goes to PostgreSQL over the network is not encrypted", "đặt sslmode=verify-full", "set sslmode=verify-full")
	add(s.Free < connections, "connections", Note, fmt.Sprintf("chỉ còn %d kết nối, một dịch vụ dùng tới %d", s.Free, connections), fmt.Sprintf("%d connections are left, a house takes up to %d", s.Free, connections), "tăng max_connections", "raise max_connections")
	return append(out, clockFinding("postgres-clock", "PostgreSQL", s.Ahead)...)
}

// tableFindings are what is wrong with rights, triggers and indexes.
func tableFindings(s sqldb.Server) (out []Finding) {
	if len(s.Lacks) > 0 {
		out = append(out, broken("postgres-rights", fmt.Errorf("the role lacks: %s", spoken(s.Lacks)),
			"ALTER SCHEMA … OWNER TO, ALTER TABLE … OWNER TO vai trò của Sohoa", "ALTER SCHEMA … OWNER TO, ALTER TABLE … OWNER TO the role of Sohoa"))
	}
	if len(s.Lifted) > 0 {
		out = append(out, broken("postgres-triggers", fmt.Errorf("triggers that keep the ledger are disabled: %s", spoken(s.Lifted)),
			"hỏi ai đã tắt; sohoa audit verify; rồi ALTER TABLE … ENABLE TRIGGER", "ask who did that; sohoa audit verify; then ALTER TABLE … ENABLE TRIGGER"))
	}
	if s.Stale != "" {
		out = append(out, broken("postgres-collation", fmt.Errorf("the order of the operating system has changed (%s) under %s", s.Stale, spoken(s.Sorted)),
			"REINDEX DATABASE, rồi ALTER DATABASE … REFRESH COLLATION VERSION", "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION"))
	}
	return out
}

// How far another machine's clock may differ: below the first nobody notices,
// above the second times in the ledger mislead.
const (
	slightlyOff = 2 * time.Second
	farOff      = time.Minute
)

func clockFinding(what, whose string, ahead time.Duration) []Finding {
	off := ahead.Abs()
	if off < slightlyOff {
		return nil
	}
	f := Finding{What: what, State: Note, VI: fmt.Sprintf("đồng hồ của %s lệch %s so với máy này", whose, ahead.Round(time.Second/10)),
		EN:   fmt.Sprintf("the clock of %s differs from this machine's by %s", whose, ahead.Round(time.Second/10)),
		DoVI: "đồng bộ cả hai bằng NTP", DoEN: "let NTP set both"}
	if off >= farOff {
		f.State = Broken
	}
	return []Finding{f}
}

// queue looks at the Redis, if there is one.
func (d doctor) queue(ctx context.Context) []Finding {
	if d.s.RedisURL == "" {
		return []Finding{well("queue", "hàng đợi nằm trong tiến trình", "the queue is inside the process")}
	}
	r, err := asynqueue.Inspect(ctx, d.s.RedisURL, d.s.now)
	if err != nil {
		return []Finding{broken("queue", err, "kiểm tra Redis và SOHOA_REDIS_URL; không có gì bị mất, hàng đợi chỉ là gợi ý", "look at Redis and SOHOA_REDIS_URL; nothing is lost, the queue only holds hints")}
	}
	out := []Finding{well("queue", "Redis "+r.Version+" trả lời", "Redis "+r.Version+" answers")}
	add := func(when bool, what string, state Standing, vi, en, doVI, doEN string) {
		if when {
			out = append(out, Finding{"queue-" + what, state, vi, en, doVI, doEN})
		}
	}
	add(r.Replica, "replica", Broken, "Redis này là bản sao, không nhận ghi", "this Redis is a replica: it takes nothing", "trỏ SOHOA_REDIS_URL tới máy chính", "point SOHOA_REDIS_URL to the primary")
	add(r.Loading, "loading", Note, "Redis đang nạp dữ liệu", "Redis is still reading its data", "đợi", "wait")
	add(len(r.Denied) > 0 && !r.Replica && !r.Loading, "rights", Broken, "Redis từ chối: "+spoken(r.Denied), "Redis refuses: "+spoken(r.Denied), "cấp quyền cho người dùng này (ACL), hoặc giải phóng bộ nhớ", "give this user the right (ACL), or free memory")
	add(r.Policy != "" && r.Policy != "noeviction", "eviction", Note, "khi đầy, Redis tự bỏ gợi ý ("+r.Policy+"): việc chậm đi", "when it is full Redis drops hints ("+r.Policy+"): work is slower then", "maxmemory-policy noeviction", "maxmemory-policy noeviction")
	add(r.Most > 0 && r.Used > r.Most/10*9, "memory", Note, fmt.Sprintf("Redis dùng %d trong %d MiB", r.Used>>20, r.Most>>20), fmt.Sprintf("Redis uses %d of %d MiB", r.Used>>20, r.Most>>20), "tăng maxmemory", "raise maxmemory")
	add(r.Paused, "paused", Broken, "hàng đợi đang bị tạm dừng: không việc nào chạy", "the queue is paused: nothing runs", "asynq queue resume line, hoặc xóa khóa asynq:{line}:paused", "asynq queue resume line, or delete the key asynq:{line}:paused")
	return append(out, clockFinding("queue-clock", "Redis", r.Ahead)...)
}

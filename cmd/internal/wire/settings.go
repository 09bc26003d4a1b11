// Package wire builds the house from its settings: the one place that knows
// every adapter.
package wire

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/fixity"
	"sohoa/dossier/hook"
	"sohoa/ingest/malware"
	"sohoa/outbound"
	"sohoa/scan"
)

// Limits are what the door takes. They are generous for offices and small for
// attackers; a page of A3 at 600 dpi has 70 million pixels.
var Limits = scan.Limits{Pixels: scan.DefaultPixels, Pages: scan.DefaultPages, Bytes: scan.DefaultBytes}.OrDefault()

// Settings say where the house keeps things and what it talks to.
type Settings struct {
	Data     string // directory of everything that lasts
	Addr     string // host:port of the pages
	Database string // address of a PostgreSQL database; empty: a file in Data
	RedisURL string // empty: a queue inside the process
	S3       S3     // empty: files in the directory
	Seal     Seal   // how the files of the main store are encrypted; empty: not at all
	Second   Place  // where every file is a second time; empty: nowhere
	Readers  int    // OCR children, one thread each
	Roles    []Role // of this process; empty: all
	Shared   string // directory of what all processes of the house have in common; empty: Data

	// Drain is how long a process that goes down says so before it takes nothing
	// more, for whoever sends it work to hear; Grace how long what it has in hand
	// may take then, before it is given back.
	Drain, Grace time.Duration

	Font string // Times-metric TrueType file with every Vietnamese letter

	Trust string // directory of the roots that are believed; empty: "trust" in Data
	TSA   string // address of the time-stamp authority; empty: the development one
	Keys  string // file that says where keys are; empty: the development authority makes them

	LedgerName string // of a ledger to be made, no spaces or plus signs: an address of the house; empty: a random one

	// LedgerLock is the object lock of checkpoints, in a bucket that locks nothing
	// else: governance:DAYS or compliance:DAYS, or none; empty: ten years.
	LedgerLock string

	FiguresAgency dossier.AgencyCode // that seals closed months; empty: the one without another above it
	FiguresPlace  string             // địa danh of their reports; empty: left open

	// Judge is the second judge of every PDF/A: "verapdf", or the path of its
	// command; empty: our own check alone.
	Judge string

	// Codes is the file of EAD codes that packages carry (packages.Codes, JSON);
	// empty: none.
	Codes string

	Metrics string // host:port where Prometheus reads figures; empty: nowhere
	OTLP    string // address of a collector of traces, OTLP over HTTP; empty: none

	Portal Portal // the national portal; without an address it is told nothing

	Calls hook.Allowed // which hosts may be told what happens; zero: none

	OneStop OneStop // a one-stop system; without an address it is not joined

	Procedures Procedures // the national database of procedures; without an address it is not asked
	Population Population // the national population database; likewise

	ZNS  ZNS  // Zalo Notification Service; without an application nobody is told by it
	Mail Mail // the relay for e-mail; without one nobody is told by it

	// Origin is where people's browsers find the house, https://host[:port]: passkeys
	// are bound to it, cookies then go over TLS only. Empty: neither.
	Origin string

	SignOn SignOn // where people may log in besides

	// TLS says that browsers reach the pages over https alone, through a proxy that ends
	// TLS: cookies and HSTS then insist on it.
	TLS bool

	Scanner malware.Scanner // that looks at files before anybody does; zero: none

	// Private are the hosts of certificates' addresses (OCSP, lists) that may be inside
	// this network.
	Private outbound.Hosts

	Drops Drops // doors by which scanners come in; zero: none

	APIRate int // requests a minute of an account at the API; 0: as [web.UsualRate]

	Credentials string // systemd's directory of credentials, for PINs

	Provinces    string // file of what provinces published, as `sohoa figures provinces` reads it; empty: none
	ProvincesMap string // file of lines OLD,NEW: into which province of today each one went

	// Real says that what is signed here counts: nothing of the development
	// authority is believed, and no key of its making signs.
	Real bool

	// Ahead is how long before its proof ends a document is renewed; 0: as the
	// policy of the day says.
	Ahead time.Duration

	// Fixity says how often and how fast the files are looked at; zero: as
	// [fixity.Default] says.
	Fixity fixity.Policy

	Now func() time.Time // nil: the machine's clock

	said map[string]string // what the environment said, by name, for a backup

	unread error // what was wrong with files of secrets

	leastKept int // days that the rules keep anything at least; 0: not asked, or for ever
}

// now is the time by the house's clock.
func (s Settings) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// trust is the directory of roots.
func (s Settings) trust() string { return cmp.Or(s.Trust, filepath.Join(s.SharedDir(), "trust")) }

// check says which settings cannot stand together, all of them.
func (s Settings) check() error {
	if s.unread != nil {
		return s.unread // a house without its database would be another house
	}
	var wrong []error
	if err := s.checkRoles(); err != nil {
		return err
	}
	if s.Drain < 0 || s.Drain > time.Minute || s.Grace < 0 || s.Grace > time.Hour {
		return errors.New("SOHOA_DRAIN is between 0 and 60, SOHOA_GRACE between 0 and 3600 (seconds)")
	}
	if s.APIRate < 0 || s.APIRate > 1_000_000 {
		wrong = append(wrong, errors.New("SOHOA_API_RATE is between 1 and 1000000 (requests a minute)"))
	}
	if s.Scanner.Network == "?" {
		wrong = append(wrong, errors.New("SOHOA_CLAMD is unix:/PATH/OF/SOCKET or tcp:HOST:PORT"))
	}
	if s.Real && s.TSA == "" {
		wrong = append(wrong, errors.New("a house that counts (SOHOA_REAL) needs a time-stamp authority: SOHOA_TSA"))
	}
	if s.Ahead != 0 {
		if err := dossier.CheckAhead(s.Ahead); err != nil {
			wrong = append(wrong, fmt.Errorf("SOHOA_RENEW_AHEAD: %w", err))
		}
	}
	if _, err := s.S3.lock(); err != nil {
		wrong = append(wrong, fmt.Errorf("SOHOA_S3_LOCK: %w", err))
	}
	if _, err := s.Second.S3.lock(); err != nil {
		wrong = append(wrong, fmt.Errorf("SOHOA_SECOND_S3_LOCK: %w", err))
	}
	return errors.Join(append(wrong, s.checkDoor(), s.checkNotices(), s.checkOneStop(), s.checkNational(), s.checkLedgerLock(), checkPolicy(s.Fixity), s.Drops.check())...)
}

// Read returns the settings that getenv gives, with defaults for the rest:
// SOHOA_DATA, SOHOA_ADDR, SOHOA_DATABASE_URL and SOHOA_REDIS_URL (or what the file holds that the name with _FILE gives), SOHOA_SHARED, SOHOA_READERS, SOHOA_DRAIN and SOHOA_GRACE (seconds), SOHOA_FONT, the main store with
// SOHOA_S3_… and SOHOA_SEAL_…, and the second with SOHOA_SECOND_… (see readPlace), SOHOA_FIXITY_DAYS
// and SOHOA_FIXITY_PACE (MiB in a second), SOHOA_TRUST_DIR, SOHOA_TSA, SOHOA_KEYS (see
// keySettings), SOHOA_LEDGER_NAME, SOHOA_LEDGER_LOCK, SOHOA_EAD_CODES, SOHOA_METRICS_ADDR, SOHOA_OTLP_ENDPOINT, SOHOA_FIGURES_AGENCY, SOHOA_FIGURES_PLACE, SOHOA_PROVINCES, SOHOA_PROVINCES_MAP, SOHOA_JUDGE (verapdf, or where it is), SOHOA_DROP_FOLDERS, SOHOA_DROP_KEEP, SOHOA_DROP_QUIET, SOHOA_DROP_SFTP_ADDR, SOHOA_DROP_WEBDAV_ADDR, SOHOA_DROP_CERT, SOHOA_DROP_KEY and SOHOA_DROP_MAIL_… (see readDrops), SOHOA_API_RATE (requests a minute), SOHOA_HOOK_HOSTS (that may be called, with commas between them; .domain for all below one), SOHOA_HOOK_PRIVATE (1: also in networks of one's own), SOHOA_PRIVATE_HOSTS (of certificates' addresses, that may be inside), SOHOA_CLAMD (unix:/PATH or tcp:HOST:PORT), SOHOA_TLS (1: the pages are reached over https alone), SOHOA_ONESTOP_URL and SOHOA_ONESTOP_TOKEN_FILE, SOHOA_PROCEDURES_… and SOHOA_POPULATION_… (see readNational), SOHOA_ZNS_… and SOHOA_SMTP… (see readNotices), SOHOA_ORIGIN, SOHOA_OIDC_… (see [SignOn]), SOHOA_REAL (1: what is signed counts) and SOHOA_RENEW_AHEAD (days).
func Read(getenv func(string) string) Settings {
	said := map[string]string{}
	asked := getenv
	getenv = func(name string) string {
		value := asked(name)
		if value != "" && strings.HasPrefix(name, "SOHOA_") {
			said[name] = value
		}
		return value
	}
	or := func(name, def string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return def
	}
	private := &secrets{getenv: getenv}
	database, queue := private.read("SOHOA_DATABASE_URL"), private.read("SOHOA_REDIS_URL")
	zalo, letters := readNotices(getenv)
	procedures, people := readNational(getenv)
	return Settings{
		said: said, unread: errors.Join(private.wrong...), ZNS: zalo, Mail: letters, Procedures: procedures, Population: people, OneStop: OneStop{getenv("SOHOA_ONESTOP_URL"), getenv("SOHOA_ONESTOP_TOKEN_FILE")},
		Data: or("SOHOA_DATA", "data"), Addr: or("SOHOA_ADDR", "127.0.0.1:8080"), Database: database, RedisURL: queue,
		S3: readPlace(getenv, "SOHOA").S3, Seal: readPlace(getenv, "SOHOA").Seal, Second: readPlace(getenv, "SOHOA_SECOND"), Fixity: policy(getenv("SOHOA_FIXITY_DAYS"), getenv("SOHOA_FIXITY_PACE")),
		Trust: getenv("SOHOA_TRUST_DIR"), TSA: getenv("SOHOA_TSA"), Keys: getenv("SOHOA_KEYS"), LedgerName: getenv("SOHOA_LEDGER_NAME"), LedgerLock: getenv("SOHOA_LEDGER_LOCK"), Codes: getenv("SOHOA_EAD_CODES"), Metrics: getenv("SOHOA_METRICS_ADDR"), OTLP: getenv("SOHOA_OTLP_ENDPOINT"), FiguresAgency: dossier.AgencyCode(getenv("SOHOA_FIGURES_AGENCY")), FiguresPlace: getenv("SOHOA_FIGURES_PLACE"), Provinces: getenv("SOHOA_PROVINCES"), ProvincesMap: getenv("SOHOA_PROVINCES_MAP"), Credentials: getenv("CREDENTIALS_DIRECTORY"), Judge: getenv("SOHOA_JUDGE"), Portal: Portal{getenv("SOHOA_NATIONAL_URL"), getenv("SOHOA_NATIONAL_TOKEN_FILE"), getenv("SOHOA_NATIONAL_FILES")}, Calls: calls(getenv("SOHOA_HOOK_HOSTS"), getenv("SOHOA_HOOK_PRIVATE")), Drops: readDrops(getenv), TLS: getenv("SOHOA_TLS") == "1", Scanner: scanner(getenv("SOHOA_CLAMD")), Private: outbound.ParseHosts(getenv("SOHOA_PRIVATE_HOSTS")), APIRate: rate(getenv("SOHOA_API_RATE")), Origin: getenv("SOHOA_ORIGIN"), SignOn: signOn(getenv), Real: getenv("SOHOA_REAL") == "1", Ahead: days(getenv("SOHOA_RENEW_AHEAD")),
		Readers: readers(getenv("SOHOA_READERS")), Shared: getenv("SOHOA_SHARED"), Drain: seconds(getenv("SOHOA_DRAIN"), 0), Grace: seconds(getenv("SOHOA_GRACE"), usualGrace), Font: or("SOHOA_FONT", "/usr/share/fonts/truetype/croscore/Tinos-Regular.ttf"),
	}
}

// scanner reads where clamd is; what is none is told by check.
func scanner(said string) malware.Scanner {
	if said == "" {
		return malware.Scanner{}
	}
	s, err := malware.Parse(said)
	if err != nil {
		return malware.Scanner{Network: "?", Address: said}
	}
	return s
}

// usualGrace is how long what is in hand may take when a process goes down.
const usualGrace = 5 * time.Second

// seconds reads a number of seconds; what is no number is so small that it is
// refused.
func seconds(s string, usual time.Duration) time.Duration {
	if s == "" {
		return usual
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return time.Duration(n) * time.Second
}

// rate reads requests a minute; what is no such number is refused.
func rate(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// readers reads how many pages are read at once; one per core unless it is said.
func readers(s string) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	return runtime.NumCPU()
}

// days reads a number of days; what is no number is so small that it is refused.
func days(s string) time.Duration {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 || n > 100_000 {
		return time.Nanosecond
	}
	return time.Duration(n) * 24 * time.Hour
}

// lockPatience is how long the data directory of a service that was killed may still
// be held: a child that was just being started keeps what its parent had open
// until it is a program of its own.
const (
	lockPatience = 5 * time.Second
	lockEvery    = 50 * time.Millisecond
)

// lock takes the data directory for this process alone: two services on one
// directory would each void the other's leases.
func lock(dir string) (io.Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for tries := lockPatience / lockEvery; ; tries-- {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) || tries == 0 {
			break
		}
		time.Sleep(lockEvery)
	}
	if err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another sohoa is working on %s; stop it first", dir)
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return f, nil
}

// listen takes the address, and says plainly when somebody else has it.
func listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("address %s is taken: stop what uses it, or give another with --addr", addr)
	}
	return l, err
}

package sohoa

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// may lists, for each room, what it may import of ours: a package, or with /...
// a room and all in it. A room within a room follows its own line if it has one,
// else its parent's.
var may = map[string][]string{
	"dossier":         {"dossier/digest"},
	"dossier/digest":  {},
	"dossier/figures": {"dossier", "dossier/figures"},

	"dossier/figures/closing": {"dossier", "dossier/digest", "dossier/figures"},
	"dossier/search":          {"dossier"},
	"dossier/catalogue":       {"dossier", "dossier/digest"},
	"dossier/room":            {"dossier", "dossier/digest"},
	"dossier/restriction":     {"dossier", "dossier/digest"},
	"dossier/account":         {"dossier", "dossier/digest"},
	"dossier/hook":            {"dossier"},
	"dossier/neighbour":       {"dossier"},
	"dossier/notice":          {"dossier"},
	"dossier/payment":         {"dossier"},
	"dossier/batch":           {"dossier", "dossier/digest"},
	"dossier/sampling":        {},
	"dossier/project":         {"dossier", "dossier/digest", "dossier/sampling"},
	"dossier/backlog":         {"dossier", "dossier/digest"},
	"dossier/drop":            {"dossier", "dossier/digest"},
	"dossier/record":          {"dossier", "dossier/digest"},
	"dossier/national":        {"dossier"},
	"dossier/precedent":       {"dossier"},
	"dossier/norm":            {"dossier", "dossier/digest", "dossier/retention"},
	"dossier/retention":       {"dossier", "dossier/digest", "dossier/fixity"},
	"jail":                    {},
	"pattern":                 {},
	"sweep":                   {},
	"outbound":                {},
	"scan":                    {"jail", "scan/turbo", "scan/jbig2", "scan/inflate", "scan/room"},
	"ingest":                  {"dossier/...", "ingest/...", "jail", "scan", "storage/blob"},
	"ingest/drop":             {"dossier", "dossier/digest", "dossier/drop", "ingest", "ingest/drop/...", "ingest/malware", "jail"},
	"ingest/drop/escl":        {"jail", "outbound"},
	"ingest/drop/sane":        {"ingest/drop/escl", "jail"},
	"ingest/drop/letter":      {"dossier/drop", "jail"},
	"ingest/draft":            {"dossier/...", "ingest", "ingest/malware", "jail", "pdf/arrange"},
	"ingest/upload":           {"dossier", "dossier/digest", "jail", "pattern"},
	"ingest/batch":            {"dossier/...", "ingest", "jail", "pdf/arrange", "storage/blob"},
	"ingest/onestop":          {"dossier/...", "outbound"},
	"ingest/procedures":       {"dossier/...", "outbound"},
	"ingest/population":       {"dossier/...", "outbound"},
	"ingest/malware":          {"dossier/digest", "jail"},
	"ingest/office":           {"jail"},
	"ingest/sniff":            {"jail", "scan", "pdf/inspect", "pdf/finding"},
	"ocr":                     {"ocr/...", "jail", "scan", "scan/turbo", "scan/room"},
	"pdf":                     {"pdf/...", "jail", "scan", "scan/jbig2"},
	"pdf/raster":              {"pdf/revision", "jail", "scan", "scan/turbo", "scan/room"},
	"signing":                 {"signing/...", "pdf/revision", "pdf/font", "pdf/raster", "jail", "outbound"},
	"specimen":                {"specimen/..."},
	"storage/archive":         {"dossier", "dossier/digest", "dossier/fixity", "dossier/retention", "storage/blob"},
	"storage/backup":          {"dossier/digest", "storage/archive", "storage/blob", "storage/sqldb"},
	"storage/blob":            {"dossier/digest", "storage/blob/..."},
	"storage/durable":         {},
	"storage/index":           {"dossier/...", "storage/sqldb"},
	"storage/ledger":          {},
	"storage/sqldb":           {"dossier/...", "storage/sqldb/...", "storage/ledger"},
	"storage/sqldb/btree":     {},
	"storage/sqldb/sqldbtest": {"storage/sqldb"},
	"storage/packages":        {"dossier/...", "jail", "storage/blob", "storage/ledger"},
	"report":                  {"dossier/...", "report/...", "pdf/pdfa", "pdf/typeset", "outbound"},
	"workers":                 {"dossier/...", "jail", "scan", "ocr", "ocr/extract", "pdf/pdfa", "pdf/readingcopy", "signing", "storage/blob"},
	"workers/asynqueue":       {"dossier"},
	"web":                     {"dossier/...", "jail", "web/..."},
	"web/api":                 {},
	"web/live":                {"dossier"},
	"web/passkey":             {"web/passkey"},
	"web/oidc":                {"dossier/hook", "outbound"},
	"cmd":                     {"..."},
	"bench":                   {"..."},
	"conformance":             {"..."},
	".":                       {},
}

// known is what every room may import of ours.
var known = []string{"pattern", "sweep", "storage/durable"}

// only says which rooms may touch what is outside.
var only = map[string][]string{
	"database/sql":             {"storage/sqldb"},
	"github.com/fsnotify":      {"ingest/drop"},
	"github.com/pkg/sftp":      {"ingest/drop/doors"},
	"github.com/emersion":      {"ingest/drop/doors"}, // tests send to its server elsewhere
	"modernc.org/sqlite":       {"storage/sqldb"},
	"github.com/jackc":         {"storage/sqldb"},
	"github.com/pressly/goose": {"storage/sqldb"},
	"golang.org/x/mod":         {"storage/ledger", "cmd", "bench"},
	"github.com/hibiken/asynq": {"workers/asynqueue"},
	"github.com/alicebob":      {"workers/asynqueue"},
	"github.com/redis":         {"workers/asynqueue"},
	"github.com/prometheus":    {"cmd/internal/meter"},
	"go.opentelemetry.io":      {"cmd/internal/tracing"},
	"github.com/coreos":        {"web/oidc"},
	"golang.org/x/oauth2":      {"web/oidc"},
	"github.com/xuri":          {}, // tests hold our workbooks against it
	"github.com/otiai10":       {"ocr/child"},
	"github.com/pdfcpu":        {"pdf"},
	"github.com/digitorus":     {"signing/pdfsign", "bench/sign"},
	"github.com/klauspost":     {"scan", "workers"},
	"github.com/minio":         {"storage/blob/s3", "bench/blob"},
	"github.com/tink-crypto":   {"storage/blob/sealed"},
	"github.com/ThalesGroup":   {"signing/keys/pkcs11"},
	"github.com/miekg":         {"signing/keys/pkcs11"},
	"net/http":                 {"cmd", "bench", "web", "ingest/drop/doors", "ingest/drop/escl", "outbound", "report/portal", "report/hooks", "report/notice/zns", "ingest/onestop", "ingest/procedures", "ingest/population", "signing/tsa", "signing/revinfo", "signing/devca", "signing/csc"},
	"net/smtp":                 {"report/notice/mail"},
	"os/exec":                  {"jail", "pdf/inspect", "ingest/office", "signing/keys/pkcs11/softhsm", "bench", "cmd/internal/sbom", "cmd/internal/crew"},
	"os/signal":                {"cmd", "bench", "jail"},
	"flag":                     {"cmd", "bench"},
	"log":                      {},
}

// foreign are calls that only some rooms may make, by their spelling.
var foreign = map[string][]string{
	"time.Now(":           {"cmd", "bench"},
	"context.Background(": {"cmd", "bench"},
	"os.Getenv":           {"cmd", "bench", "jail"}, // jail: in race builds only
	"os.Exit":             {"cmd", "bench", "jail"},
}

var forbiddenNames = []string{"util", "utils", "common", "helper", "helpers", "base", "misc", "model", "types", "service", "manager"}

// TestRules holds the house to its own word: who may know whom, who may touch
// what is outside, how long a file may be, and what nothing is called.
func TestRules(t *testing.T) {
	seen := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || slices.Contains([]string{"data", "bin", "testdata", "node_modules"}, d.Name())):
			return filepath.SkipDir
		case d.IsDir() && path != "." && isFile(filepath.Join(path, "go.mod")):
			return filepath.SkipDir // a module of its own, for tests, that no room can import
		case d.IsDir() && slices.Contains(forbiddenNames, d.Name()):
			t.Errorf("%s: nothing is called %s", path, d.Name())
		case strings.HasSuffix(path, ".go"):
			seen++
			holdFile(t, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 50 {
		t.Errorf("only %d files seen: is this the root of the house?", seen)
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func holdFile(t *testing.T, path string) {
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(src), "\n"); n > 600 {
		t.Errorf("%s has %d lines: it is more than one thing", path, n)
	}
	if strings.HasSuffix(path, "_test.go") {
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	room := filepath.ToSlash(filepath.Dir(path))
	for _, spec := range file.Imports {
		what, _ := strconv.Unquote(spec.Path.Value)
		if ours, ok := strings.CutPrefix(what, "sohoa/"); ok {
			if !allowed(ours, mayOf(room)) && !allowed(ours, known) {
				t.Errorf("%s may not import %s", path, what)
			}
			continue
		}
		for prefix, rooms := range only {
			inside := strings.HasPrefix(what, prefix+"/") && prefix != "log" // log/slog is another thing
			if (what == prefix || inside) && !within(room, rooms) {
				t.Errorf("%s may not import %s: only %v", path, what, rooms)
			}
		}
	}
	for call, rooms := range foreign {
		if strings.Contains(string(src), call) && !within(room, rooms) {
			t.Errorf("%s may not call %s): only %v", path, call, rooms)
		}
	}
}

// mayOf returns the line of room, or of the nearest room around it.
func mayOf(room string) []string {
	for r := room; r != "."; r = filepath.ToSlash(filepath.Dir(r)) {
		if list, ok := may[r]; ok {
			return list
		}
	}
	return may["."]
}

func allowed(what string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool {
		around, all := strings.CutSuffix(p, "/...")
		return p == "..." || what == p || all && (what == around || strings.HasPrefix(what, around+"/"))
	})
}

func within(room string, rooms []string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool { return room == r || strings.HasPrefix(room, r+"/") })
}

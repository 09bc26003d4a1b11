//go:build conformance

package conformance

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"time"

	"sohoa/dossier"
	"sohoa/dossier/account"
	"sohoa/dossier/digest"
	"sohoa/storage/sqldb"
)

// fuzzer is Schemathesis, which reads the API's own description and asks what it says
// may be asked, and what it says may not.
func fuzzer(t *testing.T) string {
	t.Helper()
	cache, err := filepath.Abs("../.cache/schemathesis")
	if err != nil {
		t.Fatal(err)
	}
	st := filepath.Join(cache, "bin", "st")
	if _, err := os.Stat(st); err != nil {
		t.Fatal("Schemathesis is not installed: scripts/setup --judges")
	}
	return st
}

// TestAPIFuzzed has a fuzzer ask every operation of the running service: no answer is a
// fault of ours, each has a status, a media type and a form that the description names.
// For longer: FUZZ=600 go test -tags conformance -run TestAPIFuzzed ./conformance
func TestAPIFuzzed(t *testing.T) {
	t.Parallel()
	st, data, dir := fuzzer(t), t.TempDir(), t.TempDir()
	secret, ids := seeded(t, data)
	put(t, dir, "schemathesis.toml", []byte(ids))
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	bin, err := filepath.Abs("../bin/sohoa")
	if err != nil {
		t.Fatal(err)
	}
	service := exec.Command(bin, "serve", "--data", data, "--addr", "127.0.0.1:0")
	service.Env = append(os.Environ(), "SOHOA_API_RATE=1000000")
	service.Stdout, service.Stderr = log, log
	if err := service.Start(); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	defer func() {
		_ = service.Process.Signal(syscall.SIGTERM)
		_ = service.Wait()
	}()
	seconds, examples := os.Getenv("FUZZ"), "50"
	if seconds == "" {
		seconds, examples = "30", "1"
	}
	cmd := exec.Command(st, "run", address(t, log.Name())+"/api/v1/openapi.json", "-H", "Authorization: Bearer "+secret,
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
		"--phases", "fuzzing", "--max-time", seconds, "-n", examples, "--continue-on-failure", "--no-color", "--warnings", "off", "--seed", "1")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	said, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(said, []byte("level=ERROR")) {
		t.Errorf("the service says\n%s", said)
	}
	cases := regexp.MustCompile(`(\d+) generated`).FindSubmatch(out)
	if cases == nil || len(cases[1]) < 2 {
		t.Errorf("next to nothing was asked:\n%s", out)
	} else {
		t.Logf("%s requests", cases[1])
	}
}

// address waits for the service to say where it is.
func address(t *testing.T, log string) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		said, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if at := regexp.MustCompile(`Sohoa: (http://\S+)`).FindSubmatch(said); at != nil {
			return string(at[1])
		}
	}
	t.Fatal("the service did not start")
	return ""
}

// rowsOf opens the rows of a demonstrated house for a test, which closes them; must ends it on an error.
func rowsOf(t *testing.T, data string) (db *sqldb.DB, must func(error)) {
	t.Helper()
	must = func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqldb.Open(t.Context(), filepath.Join(data, "sohoa.db"), sqldb.Options{Now: time.Now})
	must(err)
	return db, must
}

// seeded puts a dossier into a house, and a key that may do all that a counter's program
// can; ids tells the fuzzer what is there.
func seeded(t *testing.T, data string) (secret, ids string) {
	t.Helper()
	ctx := t.Context()
	db, must := rowsOf(t, data)
	defer db.Close()
	const agency dossier.AgencyCode = "A00" // that of a new house
	must(db.PutAgency(ctx, dossier.Agency{Code: agency, Name: "Cơ quan", Tier: dossier.Commune}))
	must(db.PutKind(ctx, dossier.Kind{Code: "DDN", Name: "Đơn"}))
	must(db.PutProcedure(ctx, dossier.Procedure{Code: "9.1", Name: "Xác nhận", Level: dossier.Full, Components: []dossier.Component{{Slot: "TP01", Kind: "DDN", Name: "Đơn", Required: true, Digitise: true}}}))
	must(db.PutPerson(ctx, dossier.Person{ID: "s-fuzz", Login: "may", Name: "Máy", Role: dossier.Counter, Agency: agency, Service: true}, ""))
	secret, head := account.NewKey()
	_, err := db.MakeKey(ctx, account.Key{Account: "s-fuzz", Head: head, Acts: []string{"act", "look", "people", "receive", "reread", "search", "trace"}, Agency: agency, Why: "fuzz", Until: time.Now().AddDate(0, 1, 0)},
		digest.Of([]byte(secret)), account.By{Who: "admin", Role: dossier.Admin})
	must(err)
	holder, err := db.PutHolder(ctx, dossier.Holder{Number: "008199012345", Name: "An"})
	must(err)
	d, err := db.AddDossier(ctx, dossier.Dossier{Procedure: "9.1", Receiving: agency, Holder: holder.ID, Channel: dossier.Direct}, "s-fuzz")
	must(err)
	return secret, fmt.Sprintf("[parameters]\n\"path.code\" = %q\n\"path.holder\" = %q\n", d.Code, holder.ID)
}

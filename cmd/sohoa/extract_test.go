package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sohoa/specimen"
)

// TestExtract has a decision read: its fields are those printed, with place and
// reason, by the schema; what cannot be read is refused as process does.
func TestExtract(t *testing.T) {
	path, truth := scanned(t, specimen.JPEG, specimen.About{Pages: 1, Font: "Tinos"}, specimen.Residence)
	code, out, message := sohoa(t, "extract", path, "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitDone {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, message)
	}
	schema := readSchema(t, "extract")
	if err := obeys(schema, schema, got); err != nil {
		t.Errorf("not by the schema: %v\n%s", err, out)
	}
	var done extracted
	if err := json.Unmarshal([]byte(out), &done); err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, f := range done.Fields {
		values[f.Name] = f.Value
		if f.Page != 1 || f.Box[0] >= f.Box[2] || f.Box[1] >= f.Box[3] || f.Box[2] > specimen.PageWidth || f.ReasonVI == "" || f.ReasonEN == "" || f.Confirm != (f.Confidence < 80) {
			t.Errorf("%+v", f)
		}
	}
	for name, want := range map[string]string{"title": truth.Title, "number": truth.Number, "issued": truth.Issued, "holder": truth.HolderNumber, "office": truth.Office} {
		if values[name] != want {
			t.Errorf("%s = %q, want %q", name, values[name], want)
		}
	}
	if want := truth.Issued[:3] + string(truth.Issued[3]+1) + truth.Issued[4:]; values["expires"] != want { // for a year
		t.Errorf("expires = %q, want %q", values["expires"], want)
	}
	got["fields"].([]any)[0].(map[string]any)["reason"] = "because"
	if err := obeys(schema, schema, got); err == nil {
		t.Error("the schema takes a reason that is none")
	}
	if code, out, _ := sohoa(t, "extract", path); code != exitDone || !strings.Contains(out, truth.Number) || !strings.Contains(out, "NĐ 30/2020") {
		t.Errorf("in words: exit %d: %s", code, out)
	}
}

func TestExtractRefusals(t *testing.T) {
	dir := t.TempDir()
	for _, bad := range specimen.Bad() {
		if bad.WantCode == "bytes" || bad.WantCode == "signed" || bad.WantCode == "blank" {
			continue // large; read all the same; found by reading
		}
		write(t, filepath.Join(dir, bad.Name), bad)
		if code, _, message := sohoa(t, "extract", filepath.Join(dir, bad.Name)); code != refusals[bad.WantCode] || code == exitOurs {
			t.Errorf("%s: exit %d: %s", bad.Name, code, message)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "plain.txt"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{}, {filepath.Join(dir, "no-such.pdf")}, {dir}, {"a", "b"}} {
		if code, _, message := sohoa(t, append([]string{"extract"}, args...)...); code != exitUsage {
			t.Errorf("extract %v: exit %d: %s", args, code, message)
		}
	}
	if code, _, _ := sohoa(t, "extract", filepath.Join(dir, "plain.txt")); code != exitKind {
		t.Errorf("a text file: exit %d", code)
	}
}

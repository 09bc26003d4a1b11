package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sohoa/pdf/finding"
	"sohoa/specimen"
)

// TestInspect has every kind of file inspected: what it prints is by the schema,
// and the exit code is that of process.
func TestInspect(t *testing.T) {
	dir := t.TempDir()
	schema := readSchema(t, "inspect")
	inspected := func(name string, args ...string) (map[string]any, int) {
		t.Helper()
		code, out, message := sohoa(t, append([]string{"inspect", filepath.Join(dir, name), "--json"}, args...)...)
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v: %s%s", name, err, out, message)
		}
		if err := obeys(schema, schema, got); err != nil {
			t.Errorf("%s: not by the schema: %v\n%s", name, err, out)
		}
		return got, code
	}
	for _, bad := range specimen.Bad() {
		if bad.WantCode == "bytes" {
			continue // half a gigabyte would be hashed to say so
		}
		write(t, filepath.Join(dir, bad.Name), bad)
		got, code := inspected(bad.Name)
		verdict := "refused"
		if bad.WantCode == "signed" {
			verdict = "kept"
		}
		refusal, _ := got["refusal"].(map[string]any)
		if code != refusals[bad.WantCode] || refusal["code"] != bad.WantCode || got["verdict"] != verdict || refusal["vi"] == "" {
			t.Errorf("%s: exit %d, %v", bad.Name, code, got)
		}
	}
	for _, format := range []specimen.Format{specimen.JPEG, specimen.PNG, specimen.TIFFG4} {
		path, _ := scanned(t, format, specimen.About{}, specimen.Notice)
		code, out, message := sohoa(t, "inspect", path)
		if code != exitDone || !strings.Contains(out, "nhận / taken") || !strings.Contains(out, "the scan's own bytes, read") {
			t.Errorf("%s: exit %d: %s%s", format, code, out, message)
		}
	}
	for _, busy := range specimen.Busy() {
		if err := os.WriteFile(filepath.Join(dir, busy.Name), busy.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		got, code := inspected(busy.Name, passwordOf(t, busy)...)
		var codes []string
		for _, f := range got["findings"].([]any) {
			codes = append(codes, f.(map[string]any)["code"].(string))
		}
		each := got["each"].([]any)
		if code != exitDone || got["verdict"] != "taken" || !slices.Equal(codes, busy.Finds) || len(got["attachments"].([]any)) != len(busy.Beside) || len(each) != 1 {
			t.Errorf("%s: exit %d, %v", busy.Name, code, got)
		} else if p := each[0].(map[string]any); p["becomes"] != "drawn" || p["words"] != "file" {
			t.Errorf("%s: page %v", busy.Name, p)
		}
	}
	if code, _, _ := sohoa(t, "inspect", filepath.Join(dir, "co-mat-khau.pdf")); code != exitEncrypted {
		t.Errorf("without its password: exit %d", code)
	}
	for _, args := range [][]string{{}, {"no-such.pdf"}, {dir}, {"a", "b"}, {"--password-from", "secret", filepath.Join(dir, "launch.pdf")}} {
		if code, _, message := sohoa(t, append([]string{"inspect"}, args...)...); code != exitUsage {
			t.Errorf("inspect %v: exit %d: %s", args, code, message)
		}
	}
}

// passwordOf are the arguments that give a file its password.
func passwordOf(t *testing.T, busy specimen.BusyFile) []string {
	t.Helper()
	if busy.Password == "" {
		return nil
	}
	path := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(path, []byte(busy.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--password-from", "file:" + path}
}

// TestProcessBusy has every such file archived: without what was in it, with its
// words, and the files within under safe names.
func TestProcessBusy(t *testing.T) {
	for _, busy := range specimen.Busy() {
		t.Run(busy.Name, func(t *testing.T) {
			dir := t.TempDir()
			in, out, beside := filepath.Join(dir, busy.Name), filepath.Join(dir, "out.pdf"), filepath.Join(dir, "beside")
			if err := os.WriteFile(in, busy.Bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			args := append([]string{"process", in, "-o", out, "--json", "--attachments", beside, "--text", out + ".txt"}, passwordOf(t, busy)...)
			code, stdout, message := sohoa(t, args...)
			var done processed
			if err := json.Unmarshal([]byte(stdout), &done); err != nil || code != exitDone {
				t.Fatalf("exit %d: %v: %s", code, err, message)
			}
			var codes []string
			for _, f := range done.Inputs[0].Findings {
				codes = append(codes, string(f.Code))
			}
			if !slices.Equal(codes, busy.Finds) || done.Inputs[0].Working != busy.Working {
				t.Errorf("found %v, %q", codes, done.Inputs[0].Working)
			}
			if text, err := os.ReadFile(out + ".txt"); err != nil || !strings.Contains(string(text), specimen.BusyText) {
				t.Errorf("says %q, %v", text, err)
			}
			if made, err := os.ReadFile(out); err != nil || strings.Contains(string(made), "JavaScript") || strings.Contains(string(made), "Launch") || strings.Contains(string(made), "EmbeddedFile") {
				t.Errorf("it got in: %v", err)
			}
			names, _ := os.ReadDir(beside)
			if len(names) != len(busy.Beside) {
				t.Fatalf("%d files beside", len(names))
			}
			for i, want := range busy.Beside {
				if !same(t, filepath.Join(beside, names[i].Name()), []byte(want)) || names[i].Name() != "001-to-khai.xml" {
					t.Errorf("beside: %s", names[i].Name())
				}
			}
		})
	}
}

// TestSafeNames has names that a hostile file gives.
func TestSafeNames(t *testing.T) {
	for name, want := range map[string]string{"tờ khai.xml": "tờ_khai.xml", "": "file", "...": "file", "../../etc/passwd": "etc_passwd", "a\x1b[31m\n.exe": "a__31m_.exe",
		"-rf": "rf", strings.Repeat("dài", 100): strings.Repeat("dài", 25) + "d"} {
		if got := safeName(name); got != want {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

// TestEveryRefusalHasWords holds every code that a finding has to the schema's
// words, and every refusal to an exit code and advice.
func TestEveryRefusalHasWords(t *testing.T) {
	for code := range maps.Keys(refusals) {
		if do := adviceOn(code); do[0] == "" || do[1] == "" {
			t.Errorf("there is no advice for %s", code)
		}
	}
	var all []finding.Finding
	for _, c := range finding.Codes() {
		all = append(all, finding.New(c, 0, 2))
	}
	said, err := finding.Checked(all, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range said {
		if !strings.Contains(f.VI, ": ") || !strings.Contains(f.EN, ": ") || f.VI == f.EN {
			t.Errorf("%s: %q, %q", f.Code, f.VI, f.EN)
		}
	}
}

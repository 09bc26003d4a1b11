package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The feed of a closed month keeps to its schema, which a file that is another's
// does not.
func TestFigureFeed(t *testing.T) {
	dir := t.TempDir()
	monthOfWork(t, dir).Close()
	if code, _, _ := sohoa(t, "figures", "feed", "--month", "2024-03", "--data", dir); code != exitUsage {
		t.Errorf("of an open month: %d", code)
	}
	sohoa(t, "figures", "close", "--month", "2024-03", "--data", dir)
	code, out, message := sohoa(t, "figures", "feed", "--month", "2024-03", "--data", dir)
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != exitDone || got["issuer"] != "H60" {
		t.Fatalf("%d %v %s%s", code, err, out, message)
	}
	schema := readSchema(t, "feed")
	if err := obeys(schema, schema, got); err != nil {
		t.Errorf("not by the schema: %v\n%s", err, out)
	}
	got["period"], got["more"] = 3, true
	if err := obeys(schema, schema, got); err == nil {
		t.Error("the schema takes what is not a feed")
	}
}

func TestFigureProvinces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.csv")
	if err := os.WriteFile(path, []byte("period,code,province,numerator,denominator,percent,source\n2024-Q1,H60,Tuyên Quang,19297,20228,\"95,4\",x\n2024-Q1,H30,Hà Giang,1,2,,y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, _ := sohoa(t, "figures", "provinces", path); code != exitDone || !strings.Contains(out, "Tuyên Quang") || strings.Index(out, "Tuyên") > strings.Index(out, "Hà Giang") {
		t.Errorf("%d %s", code, out)
	}
	if code, _, _ := sohoa(t, "figures", "provinces"); code != exitUsage {
		t.Errorf("without a file: %d", code)
	}
}

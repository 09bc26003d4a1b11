package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing/devca/devtest"
)

// trusted writes what a reader believes into dir: roots and revocation lists.
func trusted(t *testing.T, d *devtest.Desk, dir string) (args []string) {
	t.Helper()
	crls, err := d.CA.CRLs()
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"root.pem": d.CA.RootPEM(), "a.crl": crls[0], "b.crl": crls[1]} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"--trust", filepath.Join(dir, "root.pem"), "--crl", filepath.Join(dir, "a.crl"), "--crl", filepath.Join(dir, "b.crl")}
}

func TestVerify(t *testing.T) {
	d := devtest.New(t, time.Now)
	dir := t.TempDir()
	believe := trusted(t, d, dir)
	plain := revisiontest.Paper{}.Bytes()
	signed := d.Twice(t, plain)
	bad := strings.Replace(string(signed), "Xin chao", "Xin chaO", 1)
	for name, b := range map[string]string{"plain.pdf": string(plain), "signed.pdf": string(signed), "bad.pdf": bad, "text.pdf": "xin chào"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	schema := readSchema(t, "verify")
	for _, c := range []struct {
		file    string
		args    []string
		code    int
		verdict string
		text    string
	}{
		{"signed.pdf", believe, exitDone, "VALID", "HỢP LỆ / VALID\n"},
		{"signed.pdf", nil, exitIndeterminate, "INDETERMINATE", "Chứng thư số không do tổ chức tin cậy cấp."},
		{"signed.pdf", append([]string{"--at", time.Now().AddDate(0, 1, 0).Format(time.RFC3339)}, believe...), exitIndeterminate, "INDETERMINATE", "no-rev"},
		{"bad.pdf", believe, exitInvalid, "INVALID", "Nội dung đã ký bị thay đổi."},
		{"plain.pdf", believe, exitUnsigned, "NONE", "Tệp chưa được ký."},
		{"text.pdf", nil, exitKind, "", ""},
	} {
		args := append([]string{"verify", filepath.Join(dir, c.file)}, c.args...)
		code, text, message := sohoa(t, args...)
		if code != c.code || c.text != "no-rev" && !strings.Contains(text, c.text) {
			t.Errorf("%s %v: exit %d, want %d: %s%s", c.file, c.args, code, c.code, text, message)
		}
		if c.verdict == "" {
			continue
		}
		code, out, _ := sohoa(t, append(args, "--json")...)
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != c.code || got["verdict"] != c.verdict {
			t.Errorf("%s: exit %d, %v %s", c.file, code, err, out)
		}
		if err := obeys(schema, schema, got); err != nil {
			t.Errorf("%s: not by the schema: %v\n%s", c.file, err, out)
		}
	}
	for _, args := range [][]string{{}, {"no-such.pdf"}, {dir}, {"a", "b"}, {"--at", "tomorrow", "x"}, {"--trust", "no-such.pem", "x"},
		{"--trust", filepath.Join(dir, "text.pdf"), "x"}, {"--crl", filepath.Join(dir, "root.pem"), "x"}} {
		if code, _, message := sohoa(t, append([]string{"verify"}, args...)...); code != exitUsage {
			t.Errorf("verify %v: exit %d: %s", args, code, message)
		}
	}
}

func readSchema(t *testing.T, name string) map[string]any {
	t.Helper()
	b, err := os.ReadFile("../../docs/" + name + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	return schema
}

// obeys holds v to the words of JSON Schema that ours uses.
func obeys(root, schema map[string]any, v any) error {
	if to, ok := schema["$ref"].(string); ok {
		return obeys(root, root["$defs"].(map[string]any)[strings.TrimPrefix(to, "#/$defs/")].(map[string]any), v)
	}
	if enum, ok := schema["enum"].([]any); ok && !slices.Contains(enum, v) {
		return fmt.Errorf("%v is none of %v", v, enum)
	}
	if kind, ok := schema["type"]; ok && !strings.Contains(fmt.Sprint(kind), kindOf(v)) {
		return fmt.Errorf("%v is not %v", v, kind)
	}
	if list, ok := v.([]any); ok {
		for _, e := range list {
			if err := obeys(root, schema["items"].(map[string]any), e); err != nil {
				return err
			}
		}
	}
	object, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	properties := schema["properties"].(map[string]any)
	for _, k := range schema["required"].([]any) {
		if _, ok := object[k.(string)]; !ok {
			return fmt.Errorf("no %s", k)
		}
	}
	for k, e := range object {
		of, ok := properties[k].(map[string]any)
		if !ok {
			return fmt.Errorf("%s is unknown", k)
		}
		if err := obeys(root, of, e); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	return nil
}

func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v != math.Trunc(v) {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}

package pdfa

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"sohoa/jail"
)

// ChildName is the name of [Child] for [jail.Main].
const ChildName = "pdfa"

// limits are those of one check: a thousand kept pages take a few seconds.
var limits = jail.Limits{Memory: 1 << 30, CPU: 120 * time.Second, Wall: 240 * time.Second, File: 1, Output: 1 << 20, Confined: true, Alone: true}

// CheckFile is [Check] in a limited child, for files with parts from outside in
// them. f must have a name. Errors are Findings, or those of package jail.
func CheckFile(ctx context.Context, f *os.File, want []Content) error {
	asked, err := json.Marshal(want)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := jail.Run(ctx, ChildName, limits, bytes.NewReader(asked), &out, f.Name()); err != nil {
		return fmt.Errorf("check a PDF/A: %w", err)
	}
	var found Findings
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		return fmt.Errorf("check a PDF/A: %w", err)
	}
	if len(found) > 0 {
		return found
	}
	return nil
}

// Child is the child of [CheckFile]: it reads the contents wanted in JSON, checks
// the file its argument names, and writes the findings in JSON.
func Child(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("%d arguments", len(args))
	}
	var want []Content
	if err := json.NewDecoder(in).Decode(&want); err != nil {
		return err
	}
	f, err := os.Open(args[0])
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	err = Check(f, info.Size(), want...)
	found := Findings{}
	if err != nil && !errors.As(err, &found) {
		return err
	}
	return json.NewEncoder(out).Encode(found[:min(len(found), 1000)])
}

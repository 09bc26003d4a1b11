package signing_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"sohoa/pdf/revision/revisiontest"
	"sohoa/signing"
	"sohoa/signing/devca/devtest"
)

// BenchmarkSign signs a file of one page, and one of 20 MB, with time-stamps
// over loopback.
func BenchmarkSign(b *testing.B) {
	d := devtest.New(b, time.Now)
	k := d.Key(b, "an", "An", "")
	for name, size := range map[string]int{"small": 0, "20MB": 20 << 20} {
		file := revisiontest.Paper{Objects: []string{"<</Length " + "0>>\nstream\n\nendstream", "(" + string(bytes.Repeat([]byte("x"), size)) + ")"}}.Bytes()
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				err := d.Sealer.Sign(b.Context(), signing.Request{Profile: signing.CopyOfficer, Key: k, Name: "Nguyễn Vĩnh Nghĩa"},
					bytes.NewReader(file), int64(len(file)), io.Discard)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

package jail

import (
	"io"
	"strings"
	"testing"
)

// What a child costs before it does anything: one of ours, and an outside
// program.
func BenchmarkStart(b *testing.B) {
	b.Run("child", func(b *testing.B) {
		for b.Loop() {
			if err := Run(b.Context(), "echo", Limits{Memory: 256 << 20, File: 1}, strings.NewReader("x"), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tool", func(b *testing.B) {
		for b.Loop() {
			if err := Tool(b.Context(), Limits{Memory: 256 << 20, File: 1}, nil, io.Discard, "true"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
